"""What monitoring reads; the pages of figures stand in `performance_views.py`."""

from collections.abc import Iterator

from flask import Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily

from helpdesk.core.access import allow, operator
from helpdesk.reports.performance_views import bp
from helpdesk.reports.queries import figures

__all__ = ["bp"]


class Figures:
    """Asks the database at each scrape, so that every web process tells the same."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One family per name."""
        families: dict[str, GaugeMetricFamily] = {}
        for name, labels, value in figures():
            family = families.setdefault(
                name, GaugeMetricFamily(name, name.replace("_", " "), labels=list(labels))
            )
            family.add_metric(list(labels.values()), value)
        hub = current_app.extensions["hub"]
        families["sockets"] = GaugeMetricFamily(
            "helpdesk_sockets", "open sockets of this process", len(hub.connections)
        )
        yield from families.values()


@bp.get("/metrics")
@allow(operator)
def metrics_show() -> Response:
    """Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures())  # type: ignore[arg-type]
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
