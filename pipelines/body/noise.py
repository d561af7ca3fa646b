"""Known noise: what is removed from a page's tree before its body is looked for.

Related boxes, share rows, tags, popular lists, comment forms, ads, the next article of an endless page:
named by the classes and ids that the region's themes and platforms give them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import cache, lru_cache
from itertools import islice, takewhile
from typing import NamedTuple

from lxml import etree
from lxml.html import HtmlElement

from pipelines.facts.frame import headline, headline_at, is_list
from pipelines.page.blocks import NO_TEXT, SKIPPED, Block, blocks
from pipelines.page.index import Index
from pipelines.page.tree import MAX_KNOWN, squeeze
from pipelines.rules import Rules

# Names of classes and ids, each matched against one whole name. What they name on the themes and
# platforms of the region: related boxes, share rows, tags, popular lists, comments, ads, the next article.
_NOISE_NAMES = re.compile(
    r"""(?:
    (?:.*[-_])? related (?:[-_]?(?:posts?|news|articles?|text|links?|content|items?|box|wrap(?:per)?|stories|berita|3))? (?:[-_].*)?
  | .* (?:baca[-_]?juga|bacajuga|berita[-_]?terkait|artikel[-_]?terkait|beritaterkait|lihat[-_]?juga|inline[-_]?related) .*
  | baca | terkait | read-?also | readmore | read-more | more-link | read__others | article-read | jp-relatedposts
  | heateor.* | ssba.*
  | respond | comments? | comments?[-_].* | (?:.*[-_])comments? | disqus_thread | fb-comments
  | (?:.*[-_])? (?:komentar|kommentare|comentarios|commentaires) (?:[-_].*)?
  | reply-title | .*commentform.*
  | (?:.*[-_])? (?:tags|tagcloud\d*|taglist|hashtags?) (?:[-_].*)?
  | (?:post|entry|article|detail|wp-block-post)[-_]*(?:tag|terms)
  | tag(?:box|s?-links|-list|-cloud|-wrap) | tagcloud.* | taxonomy-post_tag
  | (?:.*[-_])? (?:popular|terpopuler|trending|most-?read|most-?viewed|recommend(?:ed|ation|ations)?|rekomendasi) (?:[-_].*)?
  | (?:widget[-_])? (?:popular|recent|latest)[-_](?:posts?|news|articles?|comments)(?:[-_].*)? | pilihan-.*
  | .*_pilihan.*
  | placeholder_(?:belt|read_body) | widget-ads.*
  | next-?articles? | next-?posts? | nextpost.* | (?:.*[-_])?prev-?next.* | (?:.*[-_])?next-?prev.* | nav-links
  | nav-(?:previous|next|below|above)
  | (?:post|posts|entry)[-_]?(?:nav|navigation|pagination|pager)(?:[-_].*)? | navigation | navbar.* | menu
  | (?:.*[-_])menu | site-(?:header|footer)
  | (?:.*[-_])? (?:pagination|paging|pager) (?:[-_].*)? | page-links? | page-numbers? | post-page-numbers
  | (?:.*[-_])? breadcrumbs? (?:[-_].*)? | crumbs?
  | author-?(?:box|bio|info|description)(?:[-_].*)? | about-author | saboxplugin.* | (?:tdb?-)author-box.*
  | ten-second.* | summary-article | newsletter.* | (?:.*[-_])?news-?letters?(?:[-_].*)? | follow-?us.*
  | (?:.*[-_])? (?:disclosure|disclaimer|author-tooltip) (?:[-_].*)? | read(?:ing)?-?time(?:[-_].*)? | app-?(?:stores?|section|promo)(?:[-_].*)?
  | footer(?:[-_].*)? | .*[-_]footer-widgets? | news-?teasers?
  | google-?(?:news|pref).* | gnews.* | instagram-media | tiktok-embed | fb-(?:post|video)
  | wp-embedded-content | (?:.*[-_])?embed(?:ded)?-article.* | s-hl | kompasidrec.*
  | (?:wa|whatsapp|telegram)-?channel.* | cookie.* | .*-cookie.*
  | toc | ez-toc.* | lwptoc.* | jeg_share.* | jeg_post_tags | jnews_inline_related_post.* | jnews_related_post.*
  | td_block_related_posts
  | td-post-(?:sharing|source|next|author).* | tdb_single_(?:next_prev|related|comments|author_box|post_share|tags).*
  | skip-link | screen-reader-text | sr-only | visually-hidden | print-only
  | wp-block-(?:post-navigation-link|post-comments.*|comments.*|buttons?|search|latest-posts|social-links|query)
  | rating(?:s)?(?:[-_].*)? | post-views.* | view-?count.* | gmr-(?:related|socialicon|ajax-loader|banner|cf-metacontent).*
  | prevnextpost-links | inf-pagination
    )""",
    re.IGNORECASE | re.VERBOSE,
)
# What holds no prose: advertisements, share rows, offers to subscribe. An element of such a name that tells a story
# is the story's: what only subscribers may read on stands in an element that says so.
_BOX_NAMES = re.compile(
    r"""(?:
    ads? | ads?[-_].* | .*[-_]ads? | adsbygoogle | advert(?:s|isement|isements|ising)?(?:[-_].*)?
  | iklan(?:[-_].*)? | .*[-_]iklan
  | banner | banner[-_].* | .*[-_]banner | div-ad.* | div-gpt.* | gpt-.* | td-a-rec.* | jeg_ad.* | jnews_.*ads.*
  | code-block.* | subscri(?:be|ption).*
  | (?:.*[-_])? (?:share|sharing|shares|sharebox|sosmed|social|socials|socialicon|addtoany|bagikan) (?:[-_].*)?
  | (?:social|share) (?:icons?|buttons?|links?|media|bar|wrap(?:per)?|[-_].*) | sharedaddy | sd-.* | a2a_.* | \w*buttons?
    )""",
    re.IGNORECASE | re.VERBOSE,
)
# Names of a place or a frame, not of what stands in it: page builders call every part of a page a widget.
_FRAME_NAMES = re.compile(
    r"(?:.*[-_])?sidebar(?:[-_].*)?|widget|widget[-_].*|.*[-_]widget|secondary|popup.*|modal.*", re.IGNORECASE
)
# "comments-enabled", "has-sidebar": a state of the element, which is something else.
_NOT_NOISE = re.compile(
    r"(?:has|no|with|without|is)-.*|.*[-_](?:enabled|disabled|allowed|open|closed|active)", re.IGNORECASE
)
# WordPress writes an article's categories and tags into its classes: "category-iklan" is no advertisement.
_POST_CLASSES = frozenset({"hentry", "type-post"})
_CAPTION_NAMES = re.compile(
    r"(?:wp-)?caption(?:-text|_text)?|[\w-]*(?-i:[a-z]Caption)|(?:.*[-_])caption(?:[-_]text)?|(?:foto|photo|image|img|gambar)[-_]?(?:caption|credit|info|desc(?:ription)?)"
    r"|keterangan-?foto|legend|wp-block-gallery|(?:gallery|slideshow)(?!.*[-_](?:body|intro|lead|story|article)$).*",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:pewarta|penulis|reporter|wartawan|jurnalis|editor|redaktur|penyunting|writer|sumber berita)\s*:",
    re.IGNORECASE,
)
_LABELLED = re.compile(rf"\W*{_LABEL.pattern}", re.IGNORECASE)
_ROLES = (
    "pewarta",
    "penulis",
    "reporter",
    "wartawan",
    "jurnalis",
    "editor",
    "redaktur",
    "penyunting",
    "writer",
    "berita",
)
"""One of them is in each label, in small letters."""
_HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)


def prune(index: Index, rules: Rules, title: str | None = None) -> tuple[tuple[str, ...], tuple[Block, ...]]:
    """Takes known noise out of the tree of an index, in place; returns the captions and the labelled lines among it.

    An element that holds the body, the title or most of the page's running text is never noise, whatever
    its name; nor is an element named after a frame that holds the prose nearest to the headline.
    """
    keep = {index.numbers[found] for found in index.outermost(rules.body)} if rules.body else set()
    keep.update(*(found for value, found in index.of_itemprop.items() if "articleBody" in value))
    keep.update(index.of_tag.get("h1", ()))
    for at in list(keep):
        keep.update(index.around(at))
    framed = cache(lambda: _framed_story(index, title))
    captions: list[str] = []
    wanted_out = [index.numbers[found] for css in rules.remove for found in index.select(css)]
    ruled_out = set(wanted_out)
    hidden = {index.numbers[found] for found in _STYLED(index.root) if _is_hidden(found)}
    for at, (tag, named) in enumerate(zip(index.tags, index.names, strict=True)):
        if tag in _FRAMES:
            continue
        if tag == "figcaption" or (tag == "figure" and not index.under([at], "p")):
            captions.append(index.text(at))
            wanted_out.append(at)
            continue
        if tag == "img" and (line := _line_below(index, at)) is not None and line not in keep:
            captions.append(index.text(line))
            wanted_out.append(line)
            continue
        if tag in NO_TEXT or (at in hidden and not _goes_on(index, at)):
            if at not in keep and (tag not in _MAY_HOLD_TEXT or not _holds_the_text(index, at)):
                wanted_out.append(at)
            continue
        if at in keep or not named or (kind := _kind_by(named)) is None:
            continue
        if kind.is_caption:
            if not _holds_the_text(index, at):
                captions.append(index.text(at))
                wanted_out.append(at)
            continue
        is_noise = (
            kind.is_noise
            or (kind.is_box and not _tells(index, at))
            or (kind.is_credit and _is_credit(index, at))
        )
        if (is_noise or (kind.is_frame and at not in framed())) and not _holds_the_text(index, at):
            wanted_out.append(at)
    leaving = [at for at in wanted_out if at not in keep or at in ruled_out]
    asides: list[Block] = []
    for at in leaving:
        if index.tags[at] in SKIPPED or is_list(index, at) or not index.says(at, _ROLES):
            continue
        if _LABEL.search(index.text_within(at, MAX_LABELLED_CHARS) or ""):
            found = (block for block in blocks(index, at) if len(block.text) < 240)
            asides += [block for block in found if _LABELLED.match(block.text)]
    _drop(index.elements[at] for at in index.outer(leaving))
    return tuple(dict.fromkeys(caption for caption in captions if caption)), tuple(dict.fromkeys(asides))


_FRAMES = frozenset({"", "html", "body", "main", "head"})
_MAY_HOLD_TEXT = frozenset({"form", "aside", "dialog", "nav"})


class _Kind(NamedTuple):
    """What an element's names say that it is."""

    is_caption: bool
    is_noise: bool
    is_box: bool
    is_credit: bool
    is_frame: bool


@lru_cache(maxsize=MAX_KNOWN)
def _kind_by(named: tuple[str, ...]) -> _Kind | None:
    """Null: they say nothing, or are those of a WordPress article."""
    if not _POST_CLASSES.isdisjoint(named):
        return None
    kind = _Kind(
        is_caption=any(map(_CAPTION_NAMES.fullmatch, named)),
        is_noise=any(map(_is_noise, named)),
        is_box=any(map(_is_box, named)),
        is_credit=not _CREDIT_NAMES.isdisjoint(named),
        is_frame=any(map(_names_frame, named)),
    )
    return kind if any(kind) else None


def cut_further_articles(index: Index, title: str | None) -> bool:
    """Takes the further articles of an endless page out of the tree; whether there were some.

    They stand beside the one whose `h1` says the title, in elements of its kind, each below an `h1` of its
    own. An `h1` inside the body, as editors write subheads, opens no article.
    """
    headings = [index.elements[at] for at in index.of_tag.get("h1", ()) if index.text(at)]
    head = headline(index, title) if len(headings) > 1 else None
    inside = ("p", "div", "td", "section", "article")
    tells = cache(lambda branch: _hold_prose(index, index.numbers[branch], *inside))
    if head not in headings:
        return False
    for other in headings[headings.index(head) + 1 :]:
        mine, theirs = _branches(head, other)
        if kind_of(mine) != kind_of(theirs) or kind_of(head) != kind_of(other):
            continue
        if mine is head and theirs is other and head.get("class"):
            further = [other, *other.itersiblings()]  # without a box around each: all that follows
        elif mine is not head and tells(mine) and _weighs(index, mine, theirs):
            kin = (at for at in theirs.itersiblings() if kind_of(at) == kind_of(theirs))
            further = [theirs, *(at for at in kin if at.find(".//h1") is not None)]
        else:
            continue
        _drop(further)
        return True
    return False


def _weighs(index: Index, mine: HtmlElement, theirs: HtmlElement) -> bool:
    """Whether what stands below the headline is a story beside the next one, and not the deck of an only one."""
    own, other = index.numbers[mine], index.numbers[theirs]
    return len(index.text(own)) > MIN_STORY_SHARE * len(index.text(other)) or _tells(index, own)


MIN_STORY_SHARE = 0.3


def _branches(one: HtmlElement, other: HtmlElement) -> tuple[HtmlElement, HtmlElement]:
    """The elements around each of two, or themselves, that stand side by side; `one` twice where none do."""
    paths = ([*reversed(list(element.iterancestors())), element] for element in (one, other))
    return next(((a, b) for a, b in zip(*paths, strict=False) if a is not b), (one, one))


def kind_of(element: HtmlElement) -> tuple[str, str | None]:
    """What a template draws alike: the tag and the value of `class`, null for none."""
    return str(element.tag), element.get("class")


MAX_CAPTION_CHARS = 300
_CREDITED = re.compile(
    r"\((?:[^()]*\W)?(?:foto|photo|dok|ist|istimewa|antara|ho|humas)\b[^()]*\)\W*$", re.IGNORECASE
)


def _line_below(index: Index, picture: int) -> int | None:
    """The line directly below a picture that is its caption: slanted or small, or a span with a credit.

    Only where nothing else stands on its line: a span is also how editors' programs write any paragraph.
    """
    line = index.next_to(picture) if _is_blank(index.tails[picture]) else None
    if line is not None and index.tags[line] == "br" and _is_blank(index.tails[line]):
        line = index.next_to(line)
    if (
        line is None
        or index.tags[line] not in ("em", "i", "small", "span")
        or not _is_blank(index.tails[line])
    ):
        return None
    after, text = index.next_to(line), index.text(line)
    is_alone = after is None or index.tags[after] in ("br", "p", "div")
    is_caption = index.tags[line] != "span" or _CREDITED.search(text) is not None
    return line if is_alone and is_caption and 10 < len(text) <= MAX_CAPTION_CHARS else None


def _is_blank(text: str | None) -> bool:
    return not text or text.isspace()


MAX_TEASER_CHARS = 500
MIN_TEASERS = 3
"""So many cards of one kind side by side are a list of other stories."""


def drop_teasers(index: Index) -> bool:
    """Takes cards out of the tree, whatever they are called; whether there were some.

    Cards are siblings of one kind, each a linked headline and little else.

    For pages without rules. A round-up whose sections open with links is rare; a list below an article is not.
    """
    kin: dict[tuple[int, str, str], list[int]] = {}
    for at, (up, tag) in enumerate(zip(index.parents, index.tags, strict=True)):
        if tag in _CARDS and up >= 0 and index.tags[up] in _CARD_HOLDERS:
            named = index.classes[at]
            kin.setdefault((up, tag, "hentry" if "hentry" in named.split() else named), []).append(at)
    found: list[int] = []
    for (up, *_), same in kin.items():
        cards = [at for at in same if _is_teaser(index, at)] if len(same) >= MIN_TEASERS else []
        if len(cards) >= MIN_TEASERS and not _is_round_up(index, up, cards):
            found += cards
    _drop(index.elements[at] for at in index.outer(found))
    return bool(found)


_CARDS = frozenset({"div", "li", "article", "section"})
_CARD_HOLDERS = frozenset({"div", "section", "ul", "ol", "main", "article", "aside", "body", "td"})


def _is_round_up(index: Index, parent: int, cards: Sequence[int]) -> bool:
    """Whether cards are the story: an introduction stands before them in its body, and they hold most of its prose."""
    if not any(_has_prose(index, at) for at in index.before(cards[0])):
        return False
    around = (name for at in (parent, *index.around(parent)) for name in index.names[at])
    told = sum(map(index.prose_chars, cards))
    return 2 * told > index.prose_chars(parent) and any(map(_BODY_NAMES.fullmatch, around))


_BODY_NAMES = re.compile(
    r"(?:entry|post|article|story|detail|single)[-_]*(?:content|body|text)(?:[-_]single)?", re.IGNORECASE
)


def _is_teaser(index: Index, at: int) -> bool:
    """Whether a small element holds a line that is a headline's link, and perhaps a day and a summary."""
    if not index.under([at], "a") or index.raw_chars(at) > 2 * MAX_TEASER_CHARS:
        return False
    held = list(blocks(index, at))
    return (
        len(held) <= 5
        and sum(len(block.text) for block in held) <= MAX_TEASER_CHARS
        and any(block.links > 0.9 and len(block.text) >= 20 for block in held)
        and sum(block.links < 0.5 and is_running(block.text) for block in held) < 2
        and not index.under([at], "h1")
    )


MAX_LABELLED_CHARS = 2_000


_CREDIT_NAMES = frozenset({"pewarta", "penulis", "reporter", "editor", "redaktur", "penyunting", "byline"})


def _is_credit(index: Index, at: int) -> bool:
    """Whether an element named after a role is a line such as "Pewarta: …"."""
    return _LABELLED.match(index.text_within(at, MAX_CREDIT_CHARS) or "") is not None


MAX_CREDIT_CHARS = 99


@lru_cache(maxsize=MAX_KNOWN)
def _is_noise(name: str) -> bool:
    return _NOISE_NAMES.fullmatch(_head_of(name)) is not None and _NOT_NOISE.fullmatch(name) is None


@lru_cache(maxsize=MAX_KNOWN)
def _is_box(name: str) -> bool:
    return _BOX_NAMES.fullmatch(_head_of(name)) is not None and _NOT_NOISE.fullmatch(name) is None


def _head_of(name: str) -> str:
    """A story's name without its modifier: "article-body--Ads" is a body, but "list--related" a list of others."""
    head, _, modifier = name.partition("--")
    return head if modifier and _STORY_NAMES.fullmatch(head) else name


_STORY_NAMES = re.compile(
    r"(?:.*[-_])?(?:body|text|content|article|story|entry|main|page|layout|wrapper|container)", re.IGNORECASE
)


_STYLED = etree.XPath("descendant-or-self::*[@hidden or @style]")


def _is_hidden(element: HtmlElement) -> bool:
    return element.get("hidden") is not None or _HIDDEN.search(element.get("style") or "") is not None


def _goes_on(index: Index, at: int) -> bool:
    """Whether a hidden element is the rest of a story, which a script unfolds: prose directly behind prose."""
    before = islice((each for each in index.before(at) if index.text(each)), NEIGHBOURS)
    return any(_hold_prose(index, each, "p") for each in before) and _tells(index, at, MIN_REMAINDER)


MIN_REMAINDER = 3
"""A hidden box of fewer paragraphs is a notice or an explanation."""

NEIGHBOURS = 3
"""So many elements before a hidden one may be its story's: pictures and buttons stand between."""


def _hold_prose(index: Index, at: int, *tags: str) -> bool:
    """Whether an element, or one of these in it, holds prose."""
    return _has_prose(index, at) or any(
        _has_prose(index, each) for tag in tags for each in index.under([at], tag)
    )


def _tells(index: Index, at: int, paragraphs: int = 2) -> bool:
    """Whether an element holds so many paragraphs of running text at least, and few links."""
    if index.link_share(at) >= MAX_TOLD_LINKS:
        return False
    inside = (at, *index.under([at], "p"), *index.under([at], "div"))
    told = (each for each in inside if index.tags[each] in ("p", "div") and _has_prose(index, each))
    return sum(1 for _ in islice(told, paragraphs)) == paragraphs


MAX_TOLD_LINKS = 0.2


@lru_cache(maxsize=MAX_KNOWN)
def _names_frame(name: str) -> bool:
    return _FRAME_NAMES.fullmatch(name) is not None and _NOT_NOISE.fullmatch(name) is None


MIN_PROSE_CHARS = 60
"""A shorter line may be a sentence; only a longer one is proof of running text."""

# With the full stops of Chinese, Japanese and Devanagari.
_ENDS_SENTENCE = re.compile(r"""[.!?\u2026\u3002\uff01\uff1f\u0964]["'\u201d\u2019)\]\u300d\u300f\u00bb]*$""")


def is_running(text: str) -> bool:
    """Whether a text is long enough to be prose and ends as a sentence does."""
    return len(text) >= MIN_PROSE_CHARS and _ENDS_SENTENCE.search(text) is not None


def _framed_story(index: Index, title: str | None) -> set[int]:
    """The frames around the prose nearest below the headline, and their kin; empty where the story has no frame.

    Kin have the same classes but for a number, and hold prose themselves: the parts of a story that a page
    builder put into one widget each, beside each other or each in a row of its own. They stand under one
    element with the headline. Frames of lists of links are never it.
    """
    wanted = squeeze(title or "")
    ranks = (at for rank in ("h1", "h2", "h3") for at in index.of_tag.get(rank, ()))
    head = next((at for at in ranks if squeeze(index.text(at)) == wanted), None) if wanted else None
    head = headline_at(index, title) if head is None else head
    found = _prose_below(index, head) if head is not None else None
    frames: set[int] = set()
    if head is None or found is None:
        return frames
    root = next(at for at in index.around(found) if at < head < index.ends[at])
    for at in (found, *index.around(found)):
        named = {*index.classes[at].split()}
        if not any(map(_names_frame, index.names[at])):
            continue
        if index.link_share(at) > 0.5:
            break
        frames.add(at)
        frames.update(
            other
            for other in (root, *index.under([root], index.tags[at]))
            if index.tags[other] == index.tags[at]
            and len({*index.classes[other].split()} ^ named) <= 2
            and _hold_prose(index, other, "p", "div")
            and index.link_share(other) < 0.2
        )
    return frames


def _prose_below(index: Index, head: int) -> int | None:
    """The first prose after an element, in document order, outside everything that is noise by its name."""
    for at in range(index.ends[head], index.ends[0]):
        if index.tags[at] in _PROSE_HOLDERS and _has_prose(index, at) and not _in_noise(index, at, head):
            return at
    return None


_PROSE_HOLDERS = frozenset({"p", "div", "section", "article", "td"})


def _in_noise(index: Index, at: int, head: int) -> bool:
    """Whether an element, or one around it that does not hold the headline, is noise by its own name."""
    inside = takewhile(lambda up: not up < head < index.ends[up], (at, *index.around(at)))
    return any(_is_noise_itself(index, up) for up in inside)


def _is_noise_itself(index: Index, at: int) -> bool:
    if index.tags[at] in ("html", "body", "main"):
        return False
    named = index.names[at]
    return index.tags[at] in NO_TEXT or any(_is_noise(name) or _is_box(name) for name in named)


def _has_prose(index: Index, at: int) -> bool:
    """Whether an element holds running text outside of its boxes."""
    if index.tags[at] == "p":
        return index.link_share(at) < 0.5 and is_running(index.text(at))
    return is_running(index.own_text(at))


def _holds_the_text(index: Index, at: int) -> bool:
    """Whether most of the page's running text stands under the element."""
    inside = index.prose_chars(at)
    return inside > 400 and inside > 0.5 * index.prose_chars(0)


def _drop(elements: Iterable[HtmlElement]) -> None:
    """Takes elements out of their tree; the text behind them stays.

    Goes parent by parent, so that the text between removed elements is joined once.
    """
    leaving = set(elements)
    for parent in {element.getparent() for element in leaving}:
        if parent is not None:
            _empty(parent, leaving)


def _empty(parent: HtmlElement, leaving: Collection[HtmlElement]) -> None:
    """Removes the leaving elements from among an element's children."""
    before: HtmlElement | None = None
    pieces = [parent.text]
    for child in list(parent):
        if child in leaving:
            pieces.append(child.tail)
            parent.remove(child)
            continue
        _join(parent, before, pieces)
        before, pieces = child, [child.tail]
    _join(parent, before, pieces)


def _join(parent: HtmlElement, before: HtmlElement | None, pieces: Sequence[str | None]) -> None:
    """Join the pieces of text behind a child, or at the beginning where there is no child."""
    if len(pieces) < 2:
        return
    text = "".join(piece for piece in pieces if piece) or None
    if before is None:
        parent.text = text
    else:
        before.tail = text
