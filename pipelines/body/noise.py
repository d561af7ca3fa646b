"""Known noise: what is removed from a page's tree before its body is looked for.

Related boxes, share rows, tags, popular lists, comment forms, ads, the next article of an endless page:
named by the classes and ids that the region's themes and platforms give them.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache, lru_cache
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from pipelines.facts.frame import headline, is_list
from pipelines.page.blocks import NO_TEXT, SKIPPED, Block, blocks
from pipelines.page.index import Index
from pipelines.page.tree import fold, names_of, squeeze, text_of, text_within
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
  | ten-second.* | summary-article | newsletter.* | (?:.*[-_])?news-?letters?(?:[-_].*)? | subscribe.* | subscription.* | follow-?us.*
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
# What holds no prose: advertisements and share rows. An element of such a name that tells a story is the story's.
_BOX_NAMES = re.compile(
    r"""(?:
    ads? | ads?[-_].* | .*[-_]ads? | adsbygoogle | advert(?:s|isement|isements|ising)?(?:[-_].*)?
  | iklan(?:[-_].*)? | .*[-_]iklan
  | banner | banner[-_].* | .*[-_]banner | div-ad.* | div-gpt.* | gpt-.* | td-a-rec.* | jeg_ad.* | jnews_.*ads.*
  | code-block.*
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
    tree = index.root
    keep = set(index.outermost(rules.body)) if rules.body else set()
    keep.update(index.find({"articleBody": "//*[contains(@itemprop, 'articleBody')]"}), index.tagged("h1"))
    framed = _framed_story(index, title)
    for element in list(keep):
        keep.update(element.iterancestors())
    whole = cache(lambda: _prose_chars(tree))
    captions: list[str] = []
    wanted_out: list[HtmlElement] = [found for css in rules.remove for found in index.select(css)]
    ruled_out = set(wanted_out)
    body_tags = {"html", "body", "main", "head"}
    hidden = {at for at in _STYLED(tree) if _is_hidden(at)}
    for element, tag in zip(index.elements, index.tags, strict=True):
        if not tag or tag in body_tags:
            continue
        if tag in ("figcaption",) or (tag == "figure" and element.find(".//p") is None):
            captions.append(text_of(element))
            wanted_out.append(element)
            continue
        if tag == "img" and (line := _line_below(element)) is not None and line not in keep:
            captions.append(text_of(line))
            wanted_out.append(line)
            continue
        if tag in NO_TEXT or (element in hidden and not _goes_on(element)):
            if element not in keep and (
                tag not in ("form", "aside", "dialog", "nav") or not _holds_the_text(element, whole)
            ):
                wanted_out.append(element)
            continue
        named = names_of(element)
        if not named or not _POST_CLASSES.isdisjoint(named):
            continue
        if _names_caption(named) and element not in keep:
            if not _holds_the_text(element, whole):
                captions.append(text_of(element))
                wanted_out.append(element)
            continue
        is_noise = (
            _names_noise(named) or (_names_box(named) and not _tells(element)) or _is_credit(element, named)
        )
        if element in keep or not (is_noise or (element not in framed and _is_frame(named))):
            continue
        if not _holds_the_text(element, whole):
            wanted_out.append(element)
    leaving = [element for element in wanted_out if element not in keep or element in ruled_out]
    asides: list[Block] = []
    saying = _saying_role(index)
    for element in leaving:
        at = index.numbers[element]
        if bisect_left(saying, at) == bisect_left(saying, index.ends[at]):
            continue
        if element.tag not in SKIPPED and not is_list(element) and _names_somebody(element):
            asides += [
                block for block in blocks(element) if len(block.text) < 240 and _LABELLED.match(block.text)
            ]
    _drop(leaving)
    return tuple(dict.fromkeys(caption for caption in captions if caption)), tuple(dict.fromkeys(asides))


def cut_further_articles(index: Index, title: str | None) -> bool:
    """Takes the further articles of an endless page out of the tree; whether there were some.

    They stand beside the one whose `h1` says the title, in elements of its kind, each below an `h1` of its
    own. An `h1` inside the body, as editors write subheads, opens no article.
    """
    headings = [element for element in index.tagged("h1") if text_of(element)]
    head = headline(index, title) if len(headings) > 1 else None
    tells = cache(lambda branch: any(map(_has_prose, branch.iter("p", "div", "td", "section", "article"))))
    if head not in headings:
        return False
    for other in headings[headings.index(head) + 1 :]:
        mine, theirs = _branches(head, other)
        if kind_of(mine) != kind_of(theirs) or kind_of(head) != kind_of(other):
            continue
        if mine is head and theirs is other and head.get("class"):
            further = [other, *other.itersiblings()]  # without a box around each: all that follows
        elif mine is not head and tells(mine) and _weighs(mine, theirs):
            kin = (at for at in theirs.itersiblings() if kind_of(at) == kind_of(theirs))
            further = [theirs, *(at for at in kin if at.find(".//h1") is not None)]
        else:
            continue
        _drop(further)
        return True
    return False


def _weighs(mine: HtmlElement, theirs: HtmlElement) -> bool:
    """Whether what stands below the headline is a story beside the next one, and not the deck of an only one."""
    return len(text_of(mine)) > MIN_STORY_SHARE * len(text_of(theirs)) or _tells(mine)


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


def _line_below(picture: HtmlElement) -> HtmlElement | None:
    """The line directly below a picture that is its caption: slanted or small, or a span with a credit.

    Only where nothing else stands on its line: a span is also how editors' programs write any paragraph.
    """
    if (picture.tail or "").strip():
        return None
    line = picture.getnext()
    if line is not None and line.tag == "br" and not (line.tail or "").strip():
        line = line.getnext()
    if line is None or line.tag not in ("em", "i", "small", "span") or (line.tail or "").strip():
        return None
    after, text = line.getnext(), text_of(line)
    is_alone = after is None or after.tag in ("br", "p", "div")
    is_caption = line.tag != "span" or _CREDITED.search(text) is not None
    return line if is_alone and is_caption and 10 < len(text) <= MAX_CAPTION_CHARS else None


MAX_TEASER_CHARS = 500
MIN_TEASERS = 3
"""So many cards of one kind side by side are a list of other stories."""


def drop_teasers(tree: HtmlElement) -> None:
    """Takes cards out of the tree, whatever they are called: siblings of one kind, each a linked headline and little else.

    For pages without rules. A round-up whose sections open with links is rare; a list below an article is not.
    """
    found: list[HtmlElement] = []
    for parent in tree.iter("div", "section", "ul", "ol", "main", "article", "aside", "body", "td"):
        kin: dict[tuple[str, str], list[HtmlElement]] = {}
        for child in parent:
            if child.tag in ("div", "li", "article", "section"):
                named = child.get("class") or ""
                kin.setdefault((child.tag, "hentry" if "hentry" in named.split() else named), []).append(
                    child
                )
        for same in kin.values():
            cards = [child for child in same if _is_teaser(child)] if len(same) >= MIN_TEASERS else []
            if len(cards) >= MIN_TEASERS and not _is_round_up(parent, cards):
                found += cards
    _drop(found)


def _is_round_up(parent: HtmlElement, cards: Sequence[HtmlElement]) -> bool:
    """Whether cards are the story: an introduction stands before them in its body, and they hold most of its prose."""
    if not any(map(_has_prose, cards[0].itersiblings(preceding=True))):
        return False
    around = (name for at in (parent, *parent.iterancestors()) for name in names_of(at))
    told = sum(map(_prose_chars, cards))
    return 2 * told > _prose_chars(parent) and any(map(_BODY_NAMES.fullmatch, around))


_BODY_NAMES = re.compile(
    r"(?:entry|post|article|story|detail|single)[-_]*(?:content|body|text)(?:[-_]single)?", re.IGNORECASE
)


def _is_teaser(element: HtmlElement) -> bool:
    """Whether a small element holds a line that is a headline's link, and perhaps a day and a summary."""
    if next(element.iter("a"), None) is None or sum(map(len, element.itertext())) > 2 * MAX_TEASER_CHARS:
        return False
    held = list(blocks(element))
    return (
        len(held) <= 5
        and sum(len(block.text) for block in held) <= MAX_TEASER_CHARS
        and any(block.links > 0.9 and len(block.text) >= 20 for block in held)
        and sum(block.links < 0.5 and is_running(block.text) for block in held) < 2
        and element.find(".//h1") is None
    )


def _names_somebody(element: HtmlElement) -> bool:
    """Whether a small element may hold a label; a cheap test that saves the walk through every box."""
    return _LABEL.search(text_within(element, MAX_LABELLED_CHARS) or "") is not None


def _saying_role(index: Index) -> list[int]:
    """The numbers of the elements in or behind which a word stands that labels have, in reading order."""
    found = []
    for at, (tag, text, tail) in enumerate(zip(index.tags, index.texts, index.tails, strict=True)):
        shown = f"{'' if tag in SKIPPED else text or ''} {tail or ''}".lower()
        if len(shown) > 1 and not shown.isspace() and any(role in shown for role in _ROLES):
            found.append(at)
    return found


MAX_LABELLED_CHARS = 2_000


_CREDIT_NAMES = frozenset({"pewarta", "penulis", "reporter", "editor", "redaktur", "penyunting", "byline"})


def _is_credit(element: HtmlElement, named: Sequence[str]) -> bool:
    """Whether an element named after a role is a line such as "Pewarta: …"."""
    if _CREDIT_NAMES.isdisjoint(named):
        return False
    text = text_of(element)
    return len(text) < 100 and _LABELLED.match(text) is not None


@lru_cache(maxsize=4096)
def _is_noise(name: str) -> bool:
    return _NOISE_NAMES.fullmatch(_head_of(name)) is not None and _NOT_NOISE.fullmatch(name) is None


@lru_cache(maxsize=4096)
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


def _goes_on(element: HtmlElement) -> bool:
    """Whether a hidden element is the rest of a story, which a script unfolds: prose directly behind prose."""
    before = (at for at in element.itersiblings(preceding=True) if text_of(at))
    return any(map(_ends_in_prose, islice(before, NEIGHBOURS))) and _tells(element, MIN_REMAINDER)


MIN_REMAINDER = 3
"""A hidden box of fewer paragraphs is a notice or an explanation."""

NEIGHBOURS = 3
"""So many elements before a hidden one may be its story's: pictures and buttons stand between."""


def _ends_in_prose(element: HtmlElement) -> bool:
    return _has_prose(element) or any(map(_has_prose, element.iter("p")))


def _tells(element: HtmlElement, paragraphs: int = 2) -> bool:
    """Whether an element holds so many paragraphs of running text at least, and few links."""
    told = (at for at in element.iter("p", "div") if _has_prose(at))
    return sum(1 for _ in islice(told, paragraphs)) == paragraphs and _link_share(element) < MAX_TOLD_LINKS


MAX_TOLD_LINKS = 0.2


@lru_cache(maxsize=4096)
def _names_noise(named: tuple[str, ...]) -> bool:
    return any(map(_is_noise, named))


@lru_cache(maxsize=4096)
def _names_box(named: tuple[str, ...]) -> bool:
    return any(map(_is_box, named))


@lru_cache(maxsize=4096)
def _names_caption(named: tuple[str, ...]) -> bool:
    return any(_CAPTION_NAMES.fullmatch(name) for name in named)


@lru_cache(maxsize=4096)
def _names_frame(name: str) -> bool:
    return _FRAME_NAMES.fullmatch(name) is not None and _NOT_NOISE.fullmatch(name) is None


@lru_cache(maxsize=4096)
def _is_frame(named: tuple[str, ...]) -> bool:
    return any(map(_names_frame, named))


MIN_PROSE_CHARS = 60
"""A shorter line may be a sentence; only a longer one is proof of running text."""

# With the full stops of Chinese, Japanese and Devanagari.
_ENDS_SENTENCE = re.compile(r"""[.!?\u2026\u3002\uff01\uff1f\u0964]["'\u201d\u2019)\]\u300d\u300f\u00bb]*$""")


def is_running(text: str) -> bool:
    """Whether a text is long enough to be prose and ends as a sentence does."""
    return len(text) >= MIN_PROSE_CHARS and _ENDS_SENTENCE.search(text) is not None


def _framed_story(index: Index, title: str | None) -> set[HtmlElement]:
    """The frames around the prose nearest below the headline, and their kin; empty where the story has no frame.

    Kin have the same classes but for a number, and hold prose themselves: the parts of a story that a page
    builder put into one widget each, beside each other or each in a row of its own. They stand under one
    element with the headline. Frames of lists of links are never it.
    """
    wanted = squeeze(title or "")
    same = (at for rank in ("h1", "h2", "h3") for at in index.tagged(rank) if squeeze(text_of(at)) == wanted)
    head = next(same, None) if wanted else None
    head = headline(index, title) if head is None else head
    found = _prose_below(head) if head is not None else None
    frames: set[HtmlElement] = set()
    holding = set(head.iterancestors()) if head is not None else set()
    root = next((at for at in found.iterancestors() if at in holding), None) if found is not None else None
    if found is None or root is None:  # on a broken page prose may stand behind the root
        return frames
    for element in (found, *found.iterancestors()):
        named = (element.get("class") or "").split()
        if not _is_frame(names_of(element)):
            continue
        if _link_share(element) > 0.5:
            break
        frames.add(element)
        frames.update(
            other
            for other in root.iter(str(element.tag))
            if len(set((other.get("class") or "").split()) ^ set(named)) <= 2
            and any(map(_has_prose, other.iter("p", "div")))
            and _link_share(other) < 0.2
        )
    return frames


def _prose_below(head: HtmlElement) -> HtmlElement | None:
    """The first prose after an element, in document order, outside everything that is noise by its name."""
    noisy = dict.fromkeys(head.iterancestors(), False)  # what holds the headline is no noise
    following: list[HtmlElement] = head.xpath(
        "following::*[self::p or self::div or self::section or self::article or self::td]"
    )
    for element in following:
        if _has_prose(element) and not _in_noise(element, noisy):
            return element
    return None


def _in_noise(element: HtmlElement, noisy: dict[HtmlElement, bool]) -> bool:
    """Whether an element, or one around it, is noise by its own name; remembers the answers in `noisy`."""
    path: list[HtmlElement] = []
    at: HtmlElement | None = element
    while at is not None and at not in noisy:
        path.append(at)
        at = at.getparent()
    found = at is not None and noisy[at]
    for each in reversed(path):
        is_own = each.tag not in ("html", "body", "main") and (
            each.tag in NO_TEXT or _names_noise(names_of(each)) or _names_box(names_of(each))
        )
        found = noisy[each] = found or is_own
    return found


def _has_prose(element: HtmlElement) -> bool:
    """Whether an element holds running text outside of its boxes."""
    if element.tag == "p":
        return _link_share(element) < 0.5 and is_running(text_of(element))
    own = [element.text or "", *(child.tail or "" for child in element)]
    return is_running(fold(" ".join(map(str, own))))


def _link_share(element: HtmlElement) -> float:
    text = sum(len(str(piece).strip()) for piece in element.itertext())
    linked = sum(len(str(piece).strip()) for link in element.iter("a") for piece in link.itertext())
    return linked / text if text else 0.0


def _holds_the_text(element: HtmlElement, whole: Callable[[], int]) -> bool:
    """Whether most of the page's running text, `whole` characters, stands under the element."""
    inside = _prose_chars(element)
    return inside > 400 and inside > 0.5 * whole()


def _prose_chars(element: HtmlElement) -> int:
    """Characters in paragraphs that are no links: what an article is made of."""
    total = 0
    for paragraph in element.iter("p"):
        text = sum(len(str(piece)) for piece in paragraph.itertext())
        total += text - sum(len(str(piece)) for link in paragraph.iter("a") for piece in link.itertext())
    return total


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
