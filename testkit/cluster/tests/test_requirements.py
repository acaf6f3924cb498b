"""What a machine lacks is named with its remedy, and a test is skipped for it, or fails in CI."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from testkit.cluster import fixtures, requirements
from testkit.cluster.requirements import Missing, missing
from testkit.cluster.settings import CNI_PLUGINS, Places

Patch = pytest.MonkeyPatch


@pytest.fixture
def where(tmp_path: Path) -> Places:
    return Places(tmp_path / "home")


def test_every_program_that_is_not_there_is_named_with_its_package(where: Places) -> None:
    lacking = [str(one) for one in missing(where, which=lambda _: None)]
    assert "etcd: apt-get install etcd-server" in lacking
    assert "nft: apt-get install nftables" in lacking
    assert "unshare: apt-get install util-linux" in lacking


def test_plugins_that_are_not_there_are_named_by_their_path(where: Places) -> None:
    lacking = [str(one) for one in missing(where, which=lambda _: None)]
    assert f"{CNI_PLUGINS}/ptp: apt-get install containernetworking-plugins" in lacking


def test_a_user_other_than_root_is_told_so(where: Places, monkeypatch: Patch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert missing(where)[-1].what == "root"


def test_an_old_go_is_named_with_the_version_that_is_needed(
    where: Places, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(requirements, "oldest_go", lambda: (99, 1))
    assert "Go 99.1 or newer" in [one.what for one in missing(where)]


def test_the_modules_say_which_go_they_need() -> None:
    assert requirements.oldest_go() >= (1, 25)


@pytest.fixture
def lacking(monkeypatch: Patch) -> None:
    found = [Missing("etcd", "install it"), Missing("root", "be it")]
    monkeypatch.setattr(fixtures, "missing", lambda _: found)


def enter_a_cluster_of_our_own(monkeypatch: Patch) -> None:
    monkeypatch.delenv(fixtures.GIVEN_VARIABLE, raising=False)
    with ExitStack() as stack:
        fixtures.entered(stack)


def test_where_something_is_missing_a_test_is_skipped_with_the_list(
    lacking: None, monkeypatch: Patch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="etcd: install it; root: be it"):
        enter_a_cluster_of_our_own(monkeypatch)


def test_in_ci_it_fails(lacking: None, monkeypatch: Patch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="etcd: install it; root: be it"):
        enter_a_cluster_of_our_own(monkeypatch)


def test_a_file_that_is_named_and_not_there_fails(monkeypatch: Patch) -> None:
    monkeypatch.setenv(fixtures.GIVEN_VARIABLE, "/nowhere/kubeconfig")
    with ExitStack() as stack, pytest.raises(pytest.fail.Exception, match="which is no file"):
        fixtures.entered(stack)
