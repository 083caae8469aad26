"""The web page and its HTTP API, built with Gradio.

- `page`: the whole page; `tab`: what all tabs share; `singing`, `speech`, `genre`: one module for each tab
- `endpoints`: what only the API offers
- `live`: the tab that listens while somebody sings
- `song_player`, `downloads`: the timeline with its transport, and what a visitor can take away
- `classifiers`: loads the classifiers of the page
- `result_view`, `explanation`: the verdict and its evidence
- `retention`: deletes files and data of visitors; `errors`: messages for visitors
- `theme`, `hosting`: appearance, and support for Hugging Face Spaces

Only the entry point `app.py` may import it.
"""
