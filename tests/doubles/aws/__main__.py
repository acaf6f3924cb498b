"""The provider as the plugin that the engine starts."""

from tests.doubles import serving
from tests.doubles.aws.servicer import Provider

if __name__ == "__main__":
    serving.main(Provider)
