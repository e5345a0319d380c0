"""General terms as a plain text to keep."""

from django.http import HttpResponse

from samtime.organizations.models import TermsDocument


def terms_as_file(document: TermsDocument) -> HttpResponse:
    """The file; the hash in its head is that of the text below the blank line."""
    head = f"{document.title}\n{document.version} {document.language} {document.sha256}\n\n"
    response = HttpResponse(head + document.text, content_type="text/plain; charset=utf-8")
    name = f"terms-{document.version}-{document.language}.txt"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
