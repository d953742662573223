"""The daily round of datasens, driven by Airflow instead of its own schedules (datasens.enabled = off).

The connection "datasens" names the database and a role that may call datasens_cycle(), its
owner's.  The round commits between its steps: hence autocommit.
"""
from datetime import datetime, timedelta

from airflow import DAG
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator

with DAG("datasens_cycle", schedule="0 2 * * *", start_date=datetime(2025, 1, 1), catchup=False,
         max_active_runs=1):
    SQLExecuteQueryOperator(task_id="cycle", conn_id="datasens", sql="CALL datasens_cycle('airflow')",
                            autocommit=True, retries=2, retry_delay=timedelta(minutes=10))
