"""Why a request is answered with an error."""


class NotAnswered(Exception):
    """A request can't be answered as it asks. The text is a sentence for the person who asked.

    Args:
        status: the HTTP status that says so.
    """

    def __init__(self, status: int, text: str):
        super().__init__(text)
        self.status = status
