"""The provider as the plugin that the engine starts."""

from testkit.fake_providers.aws.servicer import Provider
from testkit.fake_providers.core import serving

if __name__ == "__main__":
    serving.main(Provider)
