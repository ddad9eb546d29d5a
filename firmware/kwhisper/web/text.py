"""Text made safe for where it goes."""


def html(text):
    """Text as HTML content."""
    if "&" in text:
        text = text.replace("&", "&amp;")
    return text.replace("<", "&lt;") if "<" in text else text


def attribute(text):
    """Text as the value of an HTML attribute in double quotes."""
    text = html(text)
    return text.replace('"', "&quot;") if '"' in text else text
