"""The index of a tree: its elements in reading order, asked without walking."""

from lxml import html

from pipelines.page.blocks import blocks
from pipelines.page.index import Index
from pipelines.page.tree import parse, text_of
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
    paths = {"tanda": "//*[@class='tanda']", "tag": "//a[@rel='tag']", "absen": "//["}
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


LINKED = indexed(
    "<body><div class='daftar'>a\u00a0<a href='#'>dua <b>tiga</b></a> ekor<p>Prosa <a>tautan</a> lagi</p></div>"
    "<ul class='daftar lain'><li><span>kata\u00ad</span></li></ul><script>satu = 1</script></body>"
)


def test_a_text_is_what_a_walk_finds() -> None:
    """Of every element, folded; a bound counts the folded characters."""
    for at, element in enumerate(LINKED.elements):
        text = text_of(element)
        assert LINKED.text(at) == text
        assert LINKED.text_within(at, len(text)) == text
        assert LINKED.text_within(at, len(text) - 1) is None or not text


def test_shares_are_those_of_a_walk() -> None:
    """Of links in all text, and of prose outside links; a link around an element does not count for it."""
    for at, element in enumerate(LINKED.elements):
        whole = sum(len(piece.strip()) for piece in element.itertext())
        linked = sum(len(piece.strip()) for link in element.iter("a") for piece in link.itertext())
        assert LINKED.link_share(at) == (linked / whole if whole else 0.0)
    assert LINKED.prose_chars(0) == len("Prosa  lagi")
    assert LINKED.link_share(LINKED.of_tag["b"][0]) == 0.0


def test_the_nearest_element_around_is_within_the_body() -> None:
    """The element itself is not around itself, and what holds the body is not asked."""
    asked: set[str] = set()

    def is_list(index: Index, at: int) -> bool:
        asked.add(index.tags[at])
        return index.classes[at].startswith("daftar")

    nearest = {LINKED.tags[at]: around for at, around in enumerate(LINKED.nearest(is_list))}
    assert nearest["span"] == nearest["li"] == LINKED.of_tag["ul"][0]
    assert nearest["b"] == LINKED.of_tag["div"][0]
    assert nearest["ul"] == nearest["body"] == -1
    assert asked.isdisjoint({"html", "body"})


def test_names_words_and_neighbours_are_looked_up() -> None:
    """Whole classes, texts in small letters, elements under others and beside them."""
    div, ul = LINKED.of_tag["div"][0], LINKED.of_tag["ul"][0]
    assert LINKED.of_class("daftar") == [div, ul]
    assert LINKED.of_class("daftar", "lain") == [ul]
    assert LINKED.under([div, ul], "a") == LINKED.of_tag["a"]
    assert LINKED.under(LINKED.of_tag["a"], "a") == []
    assert [LINKED.says(at, ["prosa"]) for at in (div, ul)] == [True, False]
    assert LINKED.next_to(div) == ul
    assert list(LINKED.before(ul)) == [div]
    assert LINKED.own_text(div) == "a ekor"
    assert LINKED.outer([ul + 1, div, ul, div + 1]) == [div, ul]
