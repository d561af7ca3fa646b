"""The index of a tree: its elements in reading order, asked without walking."""

from lxml import html

from pipelines.page.blocks import blocks
from pipelines.page.index import Index
from pipelines.page.tree import of_class, parse, text_of
from tests.pipelines.story import PARAGRAPHS

MARKUP = (
    "<body><div class='kotak utama'><h1>Judul</h1><p>satu <a href='#' rel='tag'>dua</a> tiga</p></div>"
    "<div class='kotak'><p>empat<br>lima</p></div><p class='tanda'>enam</p></body>"
)


def indexed(markup: str = MARKUP) -> Index:
    tree = parse(markup)
    assert tree is not None
    return Index.of(tree)


def test_what_stands_under_an_element_stands_behind_it_up_to_its_end() -> None:
    """As `iterdescendants`, without a walk."""
    index = indexed()
    for at, element in enumerate(index.elements):
        assert index.elements[at + 1 : index.ends[at]] == list(element.iterdescendants())
        assert index.elements[at].tag == index.tags[at]


def test_elements_are_found_by_their_tags_and_by_parts_of_their_classes() -> None:
    """In reading order, each once."""
    index = indexed()
    assert [text_of(found) for found in index.tagged("h1", "p")] == [
        "Judul",
        "satu dua tiga",
        "empat lima",
        "enam",
    ]
    assert [text_of(found) for found in index.tagged("h1", called=("tand", "utama"))] == [
        "Judul satu dua tiga",
        "Judul",
        "enam",
    ]
    assert [index.elements[at].get("class") for at in index.called("kotak")] == ["kotak utama", "kotak"]
    assert index.called("absen") == []


def test_paths_are_asked_where_the_page_calls_an_element_so() -> None:
    """Elements come in reading order, each once; a path whose word is on no element is not even compiled."""
    index = indexed()
    paths = {"tanda": of_class("tanda"), "tag": "//a[@rel='tag']", "absen": "//["}
    assert [text_of(found) for found in index.find(paths)] == ["dua", "enam"]
    assert index.find({"absen": "//["}) == []


def test_a_comment_has_a_tail_and_no_text() -> None:
    """A tree of another parser may hold some."""
    tree = html.document_fromstring("<body><p>satu <!-- rahasia -->dua</p></body>")
    assert [block.text for block in blocks(tree)] == ["satu dua"]


def test_blocks_of_an_index_are_those_of_its_tree() -> None:
    """The tail of the element itself is not its own."""
    index = indexed(f"<body><div>{PARAGRAPHS}</div>ekor</body>")
    inner = index.tagged("div")[0]
    assert list(blocks(index)) == list(blocks(index.root))
    assert list(blocks(inner)) == list(blocks(index))[:-1]


def test_a_link_is_known_by_all_the_text_under_it() -> None:
    """As it stands, the tail of the link left out."""
    index = indexed("<body><p><a>satu </a>dua<a href='#'>tiga <b>empat</b> lima</a>enam</p></body>")
    assert [text for _, text in index.links] == ["satu ", "tiga empat lima"]
    assert [link.get("href") for link, _ in index.links] == [None, "#"]


def test_a_word_in_any_name_of_the_page_is_known() -> None:
    """Classes, ids and what a link or a microdatum is called; whatever its case."""
    index = indexed("<body><p class='Tanggal'>1</p><p id='jejak-Remah'>2</p><a rel='TAG'>3</a>kelas</body>")
    assert [index.has_name(word) for word in ("tanggal", "remah", "tag", "kelas")] == [
        True,
        True,
        True,
        False,
    ]
