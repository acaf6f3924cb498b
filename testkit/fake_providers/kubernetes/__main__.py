"""The provider as the plugin that the engine starts."""

from testkit.fake_providers.core import serving
from testkit.fake_providers.kubernetes.servicer import Provider

if __name__ == "__main__":
    serving.main(Provider)
