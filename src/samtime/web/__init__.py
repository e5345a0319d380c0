"""Pages: one menu item, one module, one template folder, one test, one help article.

Not a place for business decisions.
Serves people in the browser.
"""
