"""`python worker.py` works off jobs; `python worker.py schedule` starts the periodic ones."""

import os
import sys
import time


def main(arguments: list[str]) -> int:
    """Run until SIGTERM; the exit status."""
    if arguments not in ([], ["schedule"]):
        print("usage: python worker.py [schedule]", file=sys.stderr)  # noqa: T201
        return 2
    if arguments:
        os.environ["TZ"] = "UTC"  # cron lines are read in the zone of the process
        time.tzset()
    # After the zone is set: modules may look at it when they are imported.
    from helpdesk import create_app
    from helpdesk.config import BadSetting, Config
    from helpdesk.core import jobs
    from helpdesk.launch import preflight

    try:
        config = Config.from_env()
    except BadSetting as error:
        print(f"helpdesk: {error}", file=sys.stderr)  # noqa: T201
        return 1
    preflight.raise_file_limit()
    if not arguments:
        preflight.let_pages_go_first()
    app = create_app(config)
    preflight.keep_what_is_loaded()
    (jobs.schedule if arguments else jobs.work)(app)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
