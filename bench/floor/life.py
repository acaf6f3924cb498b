"""The platform's life: the best parallel order of its starts, and of its stops."""

import json
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from . import airflow, memory, mlflow, postgres, probes, seaweedfs
from .layout import BUCKETS, Layout
from .pilot_run import Api, prove
from .supervision import Supervisor

SCRIPTS = Path(__file__).parent / "scripts"


class Platform:
    """One hand-made platform; `figures` fills as it goes, in seconds since the start."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.figures: dict[str, object] = {}
        self._airflow = airflow.environment(layout)
        self._began = time.monotonic()
        self._supervisor = Supervisor(layout, _programs(layout, self._airflow))

    def start(self) -> None:
        """Start everything; return when every service answers and the workload's DAG is known.

        PostgreSQL and SeaweedFS need nothing. With PostgreSQL there, MLflow starts beside
        Airflow's migration; after it Airflow's four processes start beside the making of its user.
        """
        with ThreadPoolExecutor() as pool:
            self._supervisor.wait()
            store = pool.submit(self._start_store)
            self._start_postgres()
            tracking = pool.submit(self._start_mlflow)
            orchestration = self._start_airflow(pool)
            for part in (store, tracking, *orchestration):
                part.result()
        self.api = Api(self.layout)
        probes.until(self.api.parsed)
        self._mark("ready")

    def prove(self) -> None:
        """Run the workload through Airflow."""
        self.figures["tasks"] = prove(self.api)
        self._mark("verified")

    def weigh(self) -> None:
        """Read the memory of each program."""
        sizes = memory.proportional(self._supervisor.pids())
        self.figures["pss_mib"] = {**sizes, "total": round(sum(sizes.values()), 1)}

    def stop(self) -> None:
        """Stop what depends on others before what it depends on."""
        began = time.monotonic()
        self._supervisor.stop([*airflow.PROCESSES, "mlflow"])
        self._supervisor.stop(["postgres", "seaweedfs"])
        self._supervisor.shut_down()
        seaweedfs.remove_sockets(self.layout)
        self.figures["stop"] = round(time.monotonic() - began, 2)

    def _start_store(self) -> None:
        self._supervisor.start("seaweedfs")
        probes.until(lambda: probes.answers(self.layout.url("s3") + "/healthz"))
        environment = {
            **seaweedfs.client(self.layout, seaweedfs.ADMIN),
            "HOME": str(self.layout.root),
        }
        arguments = ["make_buckets.py", *BUCKETS.values()]
        self._python(self.layout.environments.workload, arguments, environment)
        self._mark("store")

    def _start_postgres(self) -> None:
        postgres.initialise(self.layout)
        self._supervisor.start("postgres")
        probes.until(lambda: probes.postgres(self.layout))
        self._mark("postgres")

    def _start_mlflow(self) -> None:
        self._supervisor.start("mlflow")
        probes.until(lambda: probes.answers(self.layout.url("mlflow") + "/health"))
        mlflow.make_user(self.layout)
        self._mark("mlflow")

    def _start_airflow(self, pool: ThreadPoolExecutor) -> list[Future[None]]:
        """Start Airflow's processes as soon as its database is migrated."""
        migrated = self.layout.root / "migrated"
        setup = pool.submit(self._set_up_airflow, migrated)
        probes.until(lambda: migrated.exists() or setup.done())
        if not migrated.exists():
            return [setup]
        self._mark("migrated")
        self._supervisor.start(*airflow.PROCESSES)
        return [setup, pool.submit(self._wait_for_airflow)]

    def _set_up_airflow(self, migrated: Path) -> None:
        user = {"username": airflow.USER, "password": self.layout.secrets["airflow-user"]}
        environment = self.layout.environments.airflow
        arguments = ["set_up_airflow.py", str(migrated)]
        self._python(environment, arguments, self._airflow, json.dumps(user))
        self._mark("airflow_user")

    def _wait_for_airflow(self) -> None:
        """Return when all four are healthy and the execution API has been built.

        The API server builds it at its first request (5 s), which would else be the first task's.
        """
        probes.until(lambda: probes.answers(self.layout.url("airflow") + "/execution/health"))
        probes.until(lambda: probes.airflow(self.layout))
        self._mark("airflow")

    def _python(
        self, environment: Path, arguments: list[str], variables: dict[str, str], text: str = ""
    ) -> None:
        """Run a script of ours with its arguments in another environment."""
        script, *rest = arguments
        command = [str(environment / "bin" / "python"), str(SCRIPTS / script), *rest]
        done = subprocess.run(
            command, env=variables, input=text, text=True, check=False, capture_output=True, cwd="/"
        )
        if done.returncode != 0:
            raise RuntimeError(f"{script} failed: {done.stdout}{done.stderr}")

    def _mark(self, name: str) -> None:
        seconds = round(time.monotonic() - self._began, 2)
        self.figures[name] = seconds
        sys.stderr.write(f"{seconds:7.2f} s  {name}\n")


def _programs(layout: Layout, variables: dict[str, str]) -> dict[str, tuple[list[str], str]]:
    """Every program's command and the further lines of its section."""
    user = f"user={postgres.USER}" if postgres.unprivileged() else ""
    home = {"HOME": str(layout.root), "TMPDIR": str(layout.root)}
    scripts = {
        "mlflow": (mlflow.command(layout), mlflow.environment(layout)),
        **{
            name: (airflow.command(layout, *arguments), variables)
            for name, arguments in airflow.PROCESSES.items()
        },
        "seaweedfs": (seaweedfs.command(layout), home),
    }
    stop = {"seaweedfs": f"directory={layout.root}/seaweedfs\nstopwaitsecs=3"}
    return {
        "postgres": (postgres.command(layout), f"stopsignal=INT\n{user}"),
        **{
            name: (["/bin/sh", str(layout.script(f"{name}.sh", *script))], stop.get(name, ""))
            for name, script in scripts.items()
        },
    }
