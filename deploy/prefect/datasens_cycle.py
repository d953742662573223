"""The daily round of datasens, driven by Prefect instead of its own schedules (datasens.enabled = off).

PGHOST, PGDATABASE, PGUSER and ~/.pgpass say where, as for every program of PostgreSQL's.
"python3 datasens_cycle.py" serves it at 2h UTC.
"""
import subprocess

from prefect import flow


@flow(retries=2, retry_delay_seconds=600, log_prints=True)
def datasens_cycle():
    print(subprocess.run(["psql", "-XAt", "-v", "ON_ERROR_STOP=1", "-c", "CALL datasens_cycle('prefect')"],
                         check=True, stdout=subprocess.PIPE, text=True).stdout)


if __name__ == "__main__":
    datasens_cycle.serve(name="quotidien", cron="0 2 * * *")
