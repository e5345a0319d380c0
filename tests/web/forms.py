"""The forms of a page as a browser would send them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

TYPED = ("text", "email", "tel", "search", "date", "number", "textarea", "url")


@dataclass
class Form:
    """A POST form: where it goes, what it sends untouched, what people type, its buttons."""

    action: str
    sends: dict = field(default_factory=dict)
    typed: list = field(default_factory=list)
    buttons: list = field(default_factory=list)


class _Reader(HTMLParser):
    """Collects forms, also fields and buttons that name their form by id."""

    def __init__(self, address):
        super().__init__()
        self.address, self.forms, self.by_id, self.later = address, [], {}, []
        self.form = self.select = self.area = None
        self.links = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        name = given.get("name")
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if tag == "form":
            is_post = given.get("method") == "post"
            self.form = Form(given.get("action") or self.address)
            if is_post:
                self.forms.append(self.form)
            if "id" in given:
                self.by_id[given["id"]] = self.form
        elif tag == "select" and name:
            self.select = (name, given.get("form"))
            self._keep(given, name, None)
        elif tag == "option" and self.select:
            name, form = self.select
            if "selected" in given or self._value(form, name) is None:
                self._keep({"form": form}, name, given.get("value", ""))
        elif tag == "textarea" and name:
            self.area = (name, given, "")
        elif tag == "button" and not name and given.get("type") != "button":
            self.later.append((self.form, given.get("form"), None))
        elif name and tag in ("input", "button"):
            self._field(tag, given, name)

    def handle_data(self, data):
        if self.area:
            name, given, text = self.area
            self.area = (name, given, text + data)

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.select = None
        elif tag == "textarea" and self.area:
            name, given, text = self.area
            self._keep(given, name, text, typed=True)
            self.area = None

    def _field(self, tag, given, name):
        kind = given.get("type", "submit" if tag == "button" else "text")
        value = given.get("value", "on" if kind in ("checkbox", "radio") else "")
        if kind == "submit":
            self.later.append((self.form, given.get("form"), (name, value)))
        elif kind in ("checkbox", "radio"):
            if "checked" in given and "disabled" not in given:
                self._keep(given, name, value, several=kind == "checkbox")
        elif kind != "file":
            self._keep(given, name, value, typed=kind in TYPED)

    def _of(self, given):
        return self.by_id.get(given.get("form")) if given.get("form") else self.form

    def _value(self, form, name):
        found = self._of({"form": form})
        return found.sends.get(name) if found else None

    def _keep(self, given, name, value, *, typed=False, several=False):
        found = self._of(given)
        if found is None:
            return
        if several and found.sends.get(name):
            value = [*found.sends[name], value]
        elif several:
            value = [value]
        found.sends[name] = value
        if typed and name not in found.typed:
            found.typed.append(name)


def forms_of(page, address):
    """Every POST form of a page, and the addresses it links to."""
    reader = _Reader(address)
    reader.feed(page)
    for inside, owner, button in reader.later:
        form = reader.by_id.get(owner) if owner else inside
        if form is not None:
            form.buttons.append(button)
    for form in reader.forms:
        form.sends = {n: v for n, v in form.sends.items() if v is not None}
        form.sends.pop("csrfmiddlewaretoken", None)
    return reader.forms, reader.links
