"""W5: complete bookings through the command (practitioner, room, buffer, patient, journal, job).

Every booker is a process with its own connection; the floor is one bare row per commit by as many.
"""

import multiprocessing
import os
import random
import statistics
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.ground import CALENDARS, FIRST_HOUR, PROVIDERS, monday
from benchmarks.measuring import Figure

SECONDS = float(os.environ.get("BENCH_SECONDS", "4"))
FORK = multiprocessing.get_context("fork")


def measure() -> Iterator[Figure]:
    """Throughput of 1, 8 and 64 bookers on different times, then 64 on one time."""
    from django.db import connection

    connection.close()
    for number in (1, 8, 64):
        yield _throughput(number)
    yield _one_slot(64)
    yield _checked()


def _together(number: int, act: Any, *more: Any) -> list[Any]:
    """Run `act(n, gate, answers, *more)` in that many processes; what each put into answers."""
    gate, answers = FORK.Barrier(number), FORK.Queue()
    crowd = [FORK.Process(target=act, args=(n, gate, answers, *more)) for n in range(number)]
    for one in crowd:
        one.start()
    found = [answers.get(timeout=SECONDS + 180) for _one in crowd]
    for one in crowd:
        one.join()
    return found


def _throughput(number: int) -> Figure:
    bare = _best_second([at for ends in _together(number, _commit_rows) for at in ends])
    rows = _together(number, _book_many, number)
    times = sorted(ms for done, _ends, _kinds, _cost in rows for ms in done)
    kinds: dict[str, int] = {}
    for _done, _ends, said, _cost in rows:
        for kind, count in said.items():
            kinds[kind] = kinds.get(kind, 0) + count
    per_second = _best_second([at for _done, ends, _kinds, _cost in rows for at in ends])
    client, server = (sum(row[3][n] for row in rows) / max(1, len(times)) for n in (0, 1))
    p99 = times[int(len(times) * 0.99)] if times else 0.0
    faults = sum(n for kind, n in kinds.items() if kind != "SlotTaken")
    target = 400.0 if number == 8 else 0.0
    return {
        "name": f"W5  {number} bookers: {per_second:.0f}/s (bare {bare:.0f}/s), p99 {p99:.0f} ms,"
        f" CPU {client:.1f} + {server:.1f} ms, faults {faults}",
        "figure_ms": times[len(times) // 2] if times else 0.0,
        "floor_ms": 1000 * number / bare,
        "ratio": bare / per_second if per_second else 0.0,
        "target": "400/s" if target else "-",
        "ok": per_second >= target and not faults,
    }


def _commit_rows(number: int, gate: Any, answers: Any) -> None:
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as bare:
        if number == 0:
            bare.execute("SELECT 1")
        gate.wait(60)
        ends, end = [], time.monotonic() + SECONDS
        while time.monotonic() < end:
            bare.execute("INSERT INTO bare_row (at) VALUES (now())", prepare=True)
            ends.append(time.monotonic())
    answers.put(ends)


def _best_second(ends: list[float]) -> float:
    """How many a second: the median of the best third of the run's half seconds."""
    if not ends:
        return 0.0
    first, counts = min(ends), dict[int, int]()
    for at in ends:
        half = int((at - first) * 2)
        counts[half] = counts.get(half, 0) + 1
    whole = sorted((counts.get(n, 0) for n in range(int(SECONDS * 2) - 1)), reverse=True)
    return 2 * statistics.median(whole[: max(1, len(whole) // 3)])


def _server_ms(process: int) -> float:
    """Processor time of a backend so far; 0 where the system does not tell."""
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e6
    except OSError:
        return 0.0


def free_times(number: int, crowd: int) -> list[tuple[Any, datetime]]:
    """Free half hours of this booker's own share of the calendars, in random order."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.public_id, d.day, d.busy::text FROM resource_day d"
            " JOIN calendars_calendar c ON c.mask_id = d.resource_id"
            " JOIN calendars_offering o ON o.calendar_id = c.id AND o.id %% 3 = 2"
            " WHERE c.id %% %s = %s AND c.id > %s AND d.day >= %s AND d.day < %s"
            " AND extract(isodow FROM d.day) < 6",
            [crowd, number, CALENDARS // 5, monday(), monday() + timedelta(days=26)],
        )
        rows = cursor.fetchall()
    found = []
    for offering, day, busy in rows:
        at = datetime(day.year, day.month, day.day, FIRST_HOUR, tzinfo=UTC)
        for half in range(15):
            cell = (FIRST_HOUR * 60 + half * 30) // 5
            if "1" not in busy[cell : cell + 7]:
                found.append((offering, at + timedelta(minutes=30 * half)))
                break
    random.Random(number).shuffle(found)
    return found


def agent(number: int) -> Any:
    """One of the call centre's agents."""
    from samtime.accounts.actor import system_actor
    from samtime.accounts.rights import Right

    rights = frozenset({Right.BOOK_AT_PARTNER})
    return replace(system_actor(PROVIDERS + 1), rights=rights, user_id=number % 64 + 1)


def _book(actor: Any, offering: Any, start: datetime, now: datetime) -> None:
    from django.db import transaction

    from samtime.bookings.commands.booking import Wish, book_slot
    from samtime.foundation.tenancy import set_viewer
    from samtime.patients.commands import PatientGiven

    person = PatientGiven("Testine", "Pasient", date(1980, 2, 3), "+47 555 01 234")
    with transaction.atomic():
        set_viewer(actor.organization_id)
        book_slot(actor=actor, wish=Wish(offering=offering, start=start, patient=person), now=now)


def _kind_of(fault: Exception) -> str:
    return type(fault.__cause__ or fault).__name__


def _book_many(number: int, gate: Any, answers: Any, crowd: int) -> None:
    from django.db import connection

    connection.close()
    actor, now = agent(number), datetime.now(UTC)
    times = free_times(number, crowd)
    for offering, start in [times.pop() for _n in range(5)]:
        _book(actor, offering, start, now)
    done, ends, kinds = [], [], dict[str, int]()
    backend = connection.connection.info.backend_pid
    gate.wait(60)
    client, server = time.process_time(), _server_ms(backend)
    end = time.monotonic() + SECONDS
    while times and time.monotonic() < end:
        offering, start = times.pop()
        began = time.perf_counter()
        try:
            _book(actor, offering, start, now)
            done.append((time.perf_counter() - began) * 1000)
            ends.append(time.monotonic())
        except Exception as fault:
            kinds[_kind_of(fault)] = kinds.get(_kind_of(fault), 0) + 1
    cost = ((time.process_time() - client) * 1000, _server_ms(backend) - server)
    answers.put((done, ends, kinds, cost))


def _one_slot(crowd: int, rounds: int = 10) -> Figure:
    from django.db import connection

    chosen = free_times(1, 50)[: rounds + 1]
    connection.close()
    rows = _together(crowd, _fight, chosen)
    times = sorted(ms for done, _said in rows for ms in done)
    winners = [sum(said[n] == "won" for _done, said in rows) for n in range(rounds)]
    other = {kind for _done, said in rows for kind in said} - {"won", "SlotTaken"}
    p99 = times[int(len(times) * 0.99)]
    return {
        "name": f"W5  {crowd} on one time, {rounds} rounds: winners {min(winners)}-{max(winners)},"
        f" p99 {p99:.0f} ms, other answers {sorted(other) or 'none'}",
        "figure_ms": times[len(times) // 2],
        "floor_ms": 0.0,
        "ratio": 0.0,
        "target": "1, 300 ms",
        "ok": set(winners) == {1} and p99 <= 300 and not other,
    }


def _fight(number: int, gate: Any, answers: Any, chosen: list[tuple[Any, datetime]]) -> None:
    from django.db import connection

    connection.close()
    actor, now, taken, said = agent(number), datetime.now(UTC), [], []
    connection.ensure_connection()
    for number_of_round, (offering, start) in enumerate(chosen):
        gate.wait(150)
        began = time.perf_counter()
        try:
            _book(actor, offering, start, now)
            said.append("won")
        except Exception as fault:
            said.append(_kind_of(fault))
        taken.append((time.perf_counter() - began) * 1000)
        if number_of_round == 0:
            # The first round fills every process's own plans and caches; it is not counted.
            taken, said = [], []
    answers.put((taken, said))


def _checked() -> Figure:
    """No two live allocations of one resource overlap."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT lower(period) < lag(upper(period)) OVER"
            " (PARTITION BY resource_id ORDER BY lower(period)) AS over"
            " FROM calendars_allocation WHERE live) x WHERE over"
        )
        doubles = cursor.fetchone()[0]
    return {
        "name": f"W5  double bookings: {doubles}",
        "figure_ms": 0.0,
        "floor_ms": 0.0,
        "ratio": 0.0,
        "target": "0",
        "ok": doubles == 0,
    }
