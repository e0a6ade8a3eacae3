"""Airflow in a process of its own: parse the DAG, run it by `dag.test()`, tell what happened as JSON.

Airflow sets up logging, warnings and its database for the whole process that imports it, which would change
what other tests of the same process see. Started with a folder and a list of run configurations:

    python tests/dags/airflow_process.py FOLDER '[{"config": "a.toml"}]'

(and, as third argument, another DAG's name) writes FOLDER/answer.json; Airflow's home is FOLDER/home.
"""

import json
import os
import sys
import time
import warnings
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def prepare(home: Path) -> None:
    """The environment that must stand before the first import of airflow."""
    (home / "plugins").mkdir(parents=True)
    os.environ |= {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        # dag.test() needs the DAG's file in this folder
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(home / "plugins"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "IDENTITY_SCHEDULE": "",
    }


def parse(name: str) -> tuple[Any, dict[str, Any]]:
    """The DAG as the DAG processor reads it, and what is to know of it."""
    import airflow.sdk  # noqa: F401 - the DAG processor has it imported before it parses
    from airflow.dag_processing.dagbag import DagBag

    started = time.process_time()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        bag = DagBag(str(ROOT / "dags" / f"{name}.py"))
    seconds = time.process_time() - started
    dag = bag.dags.get(name)
    tasks = [] if dag is None else dag.topological_sort()
    return dag, {
        "import_errors": {Path(path).name: text for path, text in bag.import_errors.items()},
        "warnings": [f"{entry.category.__name__}: {entry.message}" for entry in caught],
        "cpu_seconds": seconds,
        "tasks": {
            task.task_id: {
                "upstream": sorted(task.upstream_task_ids),
                "rule": str(task.trigger_rule.value),
                "retries": task.retries,
                "mapped": task.is_mapped,
                "callbacks": bool(task.on_failure_callback),
            }
            for task in tasks
        },
        "max_active_runs": getattr(dag, "max_active_runs", None),
        "catchup": getattr(dag, "catchup", None),
        "params": sorted(getattr(dag, "params", ())),
    }


def run(dag: Any, conf: dict[str, Any]) -> dict[str, Any]:
    """State of one `dag.test()` and of each of its tasks, by task id and map index."""
    ended = dag.test(run_conf=conf)
    states = {f"{ti.task_id}[{ti.map_index}]": str(ti.state) for ti in ended.get_task_instances()}
    return {"state": str(ended.state), "tasks": states}


def main(folder: Path, confs: list[dict[str, Any]], name: str) -> None:
    """Parse, then run every configuration in order."""
    prepare(folder / "home")
    dag, answer = parse(name)
    if confs:
        from airflow.utils.db import initdb

        initdb()
        answer["runs"] = [run(dag, conf) for conf in confs]
    (folder / "answer.json").write_text(json.dumps(answer))


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]), (*sys.argv[3:], "identity_resolution")[0])
