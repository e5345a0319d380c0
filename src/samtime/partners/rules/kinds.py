"""What kind of partner a company is proposed as: by its organization here, or its register."""

# An organization that was here before it was a partner says it in its own words.
_HERE = {"assistance_company": "assistance"}
# NACE: 82.20 call centres; 65.1x insurance; 86 health care.
_CALL_CENTRE, _INSURANCE, _HEALTH = "8220", "651", "86"
_ONE_PERSON = frozenset({"ENK", "PFA", "CMI"})


def kind_of_organization(kind: str) -> str:
    """The partner's kind for an organization's own."""
    return _HERE.get(kind, kind)


def kind_of_activity(activity: str, legal_form: str) -> str:
    """The partner's kind for what a company lives by (NACE, four digits); «» when that says nothing
    about it."""
    if activity == _CALL_CENTRE:
        return "call_centre"
    if activity.startswith(_INSURANCE):
        return "insurer"
    if not activity.startswith(_HEALTH):
        return ""
    return "doctor_practice" if legal_form.upper() in _ONE_PERSON else "provider"
