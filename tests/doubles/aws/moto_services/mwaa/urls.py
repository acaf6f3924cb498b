"""Where MWAA listens."""

from tests.doubles.aws.moto_services.mwaa.responses import MwaaResponse

url_bases = [r"https?://(api\.|env\.)?airflow\.(.+)\.amazonaws\.com"]
url_paths = {"{0}/.*$": MwaaResponse.dispatch}
