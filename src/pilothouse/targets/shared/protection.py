"""Pulumi's protection of what holds data."""

import os

import pulumi

from pilothouse.targets.interface import ALLOW_DATA_LOSS_VARIABLE


def protect(name: str, opts: pulumi.ResourceOptions | None = None) -> pulumi.ResourceOptions:
    """`opts` for the resource `name`, which holds data: nothing deletes or replaces it unasked.

    The engine refuses that, for raw Pulumi too, unless ALLOW_DATA_LOSS_VARIABLE names the resource
    while the program runs. A destroy needs `pulumi state unprotect` first; `pilothouse down` does
    it.
    """
    allowed = os.environ.get(ALLOW_DATA_LOSS_VARIABLE, "").split(",")
    protected = not {name, "*"} & set(allowed)
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(protect=protected))
