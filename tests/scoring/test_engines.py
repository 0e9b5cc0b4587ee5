"""Pools of workers: how they end."""

import threading
import time

from moderation.scoring.engines import open_processes


def test_workers_told_to_stop_right_after_tasks_were_given_leave_without_a_word(monkeypatch):
    raised = []
    monkeypatch.setattr(threading, "excepthook", raised.append)
    for _ in range(5):
        pool = open_processes(2)
        for _ in range(4):
            pool.executor.submit(time.sleep, 60)
        pool.close()
    assert raised == []
