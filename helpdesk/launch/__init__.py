"""The one-machine launcher: everything that `helpdesk up` starts, watches and stops.

Start reading in `supervisor.py`. The order is Redis, mailbox, database (`prepare.py`, a process of its own), then
web, workers and scheduler; the way back is the same order reversed. Every process is a session of its own, so that
Ctrl-C reaches the supervisor alone, and ends when the supervisor does, however that ends.

- `preflight.py`: what is checked before anything starts; each refusal is one sentence
- `child.py`: one process: starting, ending, coming back after a crash
- `redis_server.py`, `mailbox.py`: the two servers that stand in where none is configured
- `prepare.py`: copy, migrate and seed the database
- `notices.py`: what the terminal shows
- `web_server.py`, `gunicorn_conf.py`: the web server and its settings
"""
