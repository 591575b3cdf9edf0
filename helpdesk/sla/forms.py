"""What the settings page of a calendar accepts."""

from typing import Any

from wtforms import FieldList, FormField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, StopValidation

from helpdesk.core.errors import Refusal
from helpdesk.core.forms import TOO_LONG, NamedForm, line, text
from helpdesk.core.i18n import lazy as _
from helpdesk.core.opening_times import OpeningTimes, read_day
from helpdesk.core.week import DAYS
from helpdesk.core.zone import zone_called, zone_names
from helpdesk.sla.calendar import CalendarVersion
from helpdesk.sla.closure import MOST_CLOSURES
from helpdesk.sla.closure_form import ClosureForm, pasted
from helpdesk.sla.public_holidays import PublicHolidays

SPARE = 2  # empty rows for own days off
OFFICE = "08:00-12:00, 13:00-17:30"
EXAMPLES = {  # to begin with: a line for Monday to Friday, one for Saturday, one for Sunday
    "office": (OFFICE, "", ""), "shop": ("08:00-21:00", "08:00-21:00", "09:00-18:00"), "night": ("22:00-06:00", "", ""),
}  # fmt: skip


class CalendarForm(NamedForm):
    """A calendar: a line of opening times for each weekday, and the days off."""

    zone = line(64, DataRequired(_("Choose a time zone.")))
    mon, tue, wed, thu, fri, sat, sun = (line() for _day_ in DAYS)
    country = SelectField(default="")
    subdivision = SelectField(default="", validate_choice=False)
    closures = FieldList(FormField(ClosureForm))
    pasted = TextAreaField(filters=[text], validators=[Length(max=20_000, message=TOO_LONG)])
    do = line(20)  # what a button wants of the page instead of saving: see `FormStep`
    seen = HiddenField()  # the hours whose effects were shown
    apply = line(10)  # `new` tickets or `running` ones too; empty: not asked yet

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.country.choices = ["", *(code for code, _ in PublicHolidays.countries("en"))]

    @classmethod
    def example(cls, name: str, *, zone: str) -> "CalendarForm":
        """Of a new calendar: usual hours."""
        week, saturday, sunday = EXAMPLES.get(name, EXAMPLES["office"])
        return cls(data={"zone": zone, "sat": saturday, "sun": sunday} | dict.fromkeys(DAYS[:5], week))

    @classmethod
    def holding(cls, values: dict[str, Any], *, version: int) -> "CalendarForm":
        """Filled with a calendar's values."""
        times = OpeningTimes(values["schedule"])
        own = {
            "country": values["country"] or "",
            "subdivision": values["subdivision"] or "",
            "version": version,
        }
        closures = [
            {**closure, "start": closure.get("from"), "end": closure.get("to")} for closure in values["closures"]
        ]  # fmt: skip
        return cls(data=values | own | {day: times.line(day) for day in DAYS} | {"closures": closures})

    def validate_zone(self, field: StringField) -> None:
        """A name of the list, however it is written."""
        field.data = zone_called(field.data or "") or field.data
        if field.data not in zone_names():
            raise StopValidation(
                _("There is no such time zone. Choose one of the list, like Asia/Ho_Chi_Minh.")
            )

    def validate_mon(self, field: StringField) -> None:
        """Some day is open."""
        self._validate_day(field)
        if not any(self[day].data and self[day].data != "-" for day in DAYS):
            raise StopValidation(_("A calendar needs some open time."))

    def _validate_day(self, field: StringField) -> None:
        try:
            read_day(field.data or "")
        except Refusal as refusal:
            raise StopValidation(refusal.message) from None

    validate_tue = validate_wed = validate_thu = validate_fri = validate_sat = validate_sun = _validate_day

    def validate_subdivision(self, field: SelectField) -> None:
        """A part of the country that is chosen."""
        country = self.country.data or ""
        if field.data and not PublicHolidays(country, field.data).is_known:
            raise StopValidation(_("Choose a region of this country."))

    def validate_closures(self, field: FieldList) -> None:
        """Not more than a calendar holds."""
        if len(self.rows) > MOST_CLOSURES:
            raise StopValidation(_("At most %(n)s own days off fit.") % {"n": MOST_CLOSURES})

    def validate_pasted(self, field: TextAreaField) -> None:
        """Lines that wait to be put into the list are not lost unseen."""
        if field.data:
            raise StopValidation(_("Put these lines into the list first, or empty this field."))

    def validate(self, extra_validators: Any = None) -> bool:
        """Each field, then the calendar that they would make."""
        if not super().validate(extra_validators):
            return False
        try:
            CalendarVersion.of(self.values, number=0).refuse()
        except Refusal as refusal:
            self.form_errors.append(refusal.message)
        return not self.form_errors

    @property
    def rows(self) -> list[ClosureForm]:
        """The rows of own days off in which something is typed."""
        return [entry.form for entry in self.closures if not entry.form.is_empty]

    @property
    def errors(self) -> dict[str | None, Any]:
        """By field, those of the rows by theirs."""
        found = {name: errors for name, errors in super().errors.items() if name != "closures"}
        if own := [error for error in self.closures.errors if not isinstance(error, (dict, list, tuple))]:
            found["closures"] = own
        for entry in self.closures:
            found |= {field.name: field.errors for field in entry.form if field.errors}
        return found

    @property
    def times(self) -> OpeningTimes:
        """The week; a line that cannot be read is closed for now."""
        lines = {}
        for day in DAYS:
            try:
                read_day(self[day].data or "")
                lines[day] = self[day].data or ""
            except Refusal:
                lines[day] = ""
        return OpeningTimes.read(lines)

    @property
    def values(self) -> dict[str, Any]:
        """As a calendar takes them."""
        closures = sorted((row.value for row in self.rows), key=lambda each: each["date"])
        return {
            "name_en": self.name_en.data or "", "name_vi": self.name_vi.data or "", "zone": self.zone.data or "",
            "schedule": dict(self.times.schedule), "country": self.country.data or None,
            "subdivision": (self.country.data and self.subdivision.data) or None, "closures": closures,
        }  # fmt: skip

    def step(self) -> bool:
        """Do what a button asks of the page instead of saving; whether one did."""
        asked, _dash, place = (self.do.data or "").partition("-")
        steps = {"copy": self._copy, "country": self._regions, "paste": self._paste, "remove": self._remove}
        if asked in steps:
            steps[asked](place)
        return asked in steps

    def offer_spare(self) -> None:
        """Empty rows at the end, to write into."""
        rows = [entry.form.is_empty for entry in self.closures]
        for _row in range(SPARE - sum(rows[-SPARE:])):
            self.closures.append_entry()

    def _copy(self, place: str) -> None:
        for day in DAYS[1:5]:
            self[day].data = self.mon.data

    def _regions(self, place: str) -> None:
        if not PublicHolidays(self.country.data or "", self.subdivision.data).is_known:
            self.subdivision.data = ""

    def _remove(self, place: str) -> None:
        self.closures.entries = [entry for entry in self.closures if entry.name != f"closures-{place}"]

    def _paste(self, place: str) -> None:
        """Lines become rows; what cannot be read stays, with a word about it."""
        lines = [words.strip() for words in (self.pasted.data or "").splitlines() if words.strip()]
        read = [(words, pasted(words)) for words in lines]
        if len(self.rows) + len(lines) > MOST_CLOSURES:
            self.pasted.errors = [_("At most %(n)s own days off fit.") % {"n": MOST_CLOSURES}]
            return
        kept = [entry.data for entry in self.closures if not entry.form.is_empty]
        known = {(row["date"], row["until"] or row["date"]) for row in kept}
        self.closures.entries = [entry for entry in self.closures if not entry.form.is_empty]
        for row in [row for _words, row in read if row]:
            if (row["date"], row["until"] or row["date"]) not in known:
                self.closures.append_entry(row)
        self.pasted.data = "\n".join(words for words, row in read if row is None)
        if self.pasted.data:
            self.pasted.errors = [_("These lines do not begin with a date like 2026-12-24.")]
