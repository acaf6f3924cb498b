"""Where MWAA listens."""

from testkit.fake_aws.mwaa.responses import MwaaResponse

url_bases = [r"https?://(api\.|env\.)?airflow\.(.+)\.amazonaws\.com"]
url_paths = {"{0}/.*$": MwaaResponse.dispatch}
