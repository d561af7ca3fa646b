"""Which language a text is in, and how sure that is.

Function words decide among Indonesian, Malay, Javanese, Sundanese, Banjar and Minangkabau. Where they
leave it open, langdetect is asked: it knows the languages of the world, but of these six only Indonesian,
and calls them all by that name. The source's rules decide whether a language is accepted.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import Any

from langdetect import DetectorFactory, detector_factory
from langdetect.detector import Detector
from langdetect.lang_detect_exception import ErrorCode, LangDetectException
from langdetect.utils.ngram import NGram

SAMPLE_CHARS = 600
"""Characters that langdetect reads: a few hundred decide, more only cost time."""
VOTE_CHARS = 5 * SAMPLE_CHARS
"""Characters whose function words vote: an Indonesian lead may open a text in another language."""
OWN_WORDS = 8
"""From so many words outside quotation marks on, only those vote: a paper quotes people in their own language."""
LEAST_VOTES = 3
"""Fewer function words never contradict langdetect."""
MOST_OF_A_WORD = 2
"""A word counts so often at most: one that recurs may be somebody's name."""
LEAST_SHARE = 0.1
"""Of a text's words, against a language outside the six: "ka" and "ku" are Somali, too."""

# langdetect draws random n-grams: without a seed the same text gets another figure each time.
DetectorFactory.seed = 0

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_QUOTED = re.compile(r'[“”"][^“”"]*[“”"]')

# Words that the named languages use all the time and the others of the six hardly ever, in the
# spelling of the press. Words that all six share, and parts of names, are not listed: they prove nothing.
_TABLE = {
    "id ms": """
        yang dan dengan untuk dari akan tidak dalam telah oleh kepada mereka dapat adalah tersebut pada
        sebagai ia dia sehingga serta antara masih melalui namun tetapi ketika sejak setelah bagi
    """,
    "id jv su bjn min": """
        kabupaten kecamatan kelurahan provinsi gubernur bupati walikota senin kamis jumat agustus juli juni
        maret desember rp miliar dinas desa selasa rabu
    """,
    "id": """
        bahwa karena sedangkan hingga bisa mengatakan ujar ujarnya menurut yakni yaitu saat ingin sementara
        perusahaan polisi polres polda pemerintah saja uang mobil pria wib wita wit proyek kantor kebutuhan
        butuh kapolres usai dirinya tapi persen triliun terkait tutur tuturnya imbuh imbuhnya jelasnya
        lanjutnya ungkapnya tandasnya korban internasional nasional kegiatan rapat anggaran tinggal bandara
        kemarin listrik kualitas komunitas aktivitas universitas fasilitas kepala pemprov pemkab pemkot
        berbagai besok demikian agar menit pekan siang tim biaya nomor layanan memiliki petugas jadwal dulu
        sekarang karyawan pengelola lewat situs
    """,
    "ms": """
        bahawa kerana manakala iaitu beliau sahaja syarikat polis kerajaan baharu projek wang perkhidmatan
        mengikut susulan suspek disyaki reman lebuh lebuhraya bomba kemalangan seramai berikutan paras
        sentiasa hadapan dijangka minit mendahului barangan runcit mencecah sekilogram peniaga pengangkutan
        mesyuarat hospital esok jiran jumaat isnin khamis ogos julai disember rm ringgit memaklumkan
        majistret parlimen pengerusi naib timbalan setiausaha jawatankuasa sukan pusingan kejohanan
        perniagaan pelaburan kewangan cukai elektrik universiti kolej aktiviti kualiti komuniti fasiliti
        identiti filem muzik televisyen akhbar daripada pelbagai sekiranya sebarang kesemua menerusi selepas
        terbabit berkenaan tempatan kenderaan motosikal basikal jambatan membolehkan siasatan menyiasat
        disiasat tertuduh seksyen kanun peratus bilion antarabangsa nahas lelaki ekoran justeru pesakit
        bekalan kelmarin perlawanan taklimat kecederaan penglibatan persekitaran amaran ribut sempena khas
        penjawat gabenor pawagam penggambaran terbaharu mengekalkan jurulatih baucar kepimpinan
    """,
    "jv": """
        lan sing ing iku kang saka menyang karo wis ora iki kanggo marang dheweke yaiku amarga uga dadi
        kabeh wong nanging saiki nalika luwih padha tumrap kuwi kuwe kui ana arep isih durung nganti banjur
        mulane akeh cilik gedhe anyar dina taun wingi esuk bengi saben kudu piye ngendi kepriye sapa apa
        ngono ngene mangkono sawise sadurunge lunga mulih teka tuku turu omah dalan gawe nggawe ngomong
        kandha ngerti weruh ndelok diarep ngarep nindakake nyegah wiwit sasi kalebu saengga sanadyan senajan
        yen kowe awake dhewe bocah regane rega gampang apik elek seneng mung siji loro telu papat enem pitu
        wolu sanga ingkang dhateng peken kaliyan kagem panjenenganipun panjenengan sampun rawuh wonten
        menika punika inggih mboten boten badhe bilih kula sami sanget saking amargi utawi ugi kathah enggal
        ngendika supados dipun dening wekdal rikala enjing siyang sonten dalu griya tiyang sedaya namung
        taksih dereng menawi pawarta
    """,
    "su": """
        jeung nu anu téh teh ku tina kana dina pikeun nyaéta nyaeta éta eta ieu henteu teu geus keur ogé oge
        lantaran sangkan aya baé loba maranéhna maranehna ceuk kitu kieu hayang poé poe anyar anggeus hareup
        pisan baheula sapopoé pamarentah kulawarga deui waé atawa mah atuh naon saha iraha kumaha naha
        sanajan sabab ti nepi kungsi boga leuwih gede leutik alus imah jalma awéwé peuting kamari ayeuna
        isukan hiji tilu opat genep dalapan kuring manéh maneh manehna manéhna urang abdi anjeun anjeunna
        parantos sareng kanggo sanés tiasa sadaya saurna cenah kudu taun
    """,
    "bjn": """
        nang kada wan gasan matan banar urang sidin ikam ulun pian inya handak katuju balum sudahai haja jua
        kanapa dipadahakan padahakan ujar tu ngini ngitu ka bubuhan kakanakan bini abah ganal banyu jukung
        manggawi gawi bagawi bajalan baisi baisukan kamarian samalam barataan kawa amun imbah maraha limbah
        sabuting iwak pacang hakun cagar jar kaya nitu nini dangsanak anum wayah sakalian
    """,
    "min": """
        jo inyo indak alah lah nan untuak dek katiko kampuang urang wak denai karajo mancari pai marantau
        rayo sajo basobok dunsanak iko sarupo sarato kapado ado tibo gadang ketek rancak baiak buruak samo
        sadonyo masiah alun baa dima kama dimano apo siapo manga dapek buliah mangecek keceknyo kato katonyo
        manyabuik mambuek mambaok mandapek manjadi bajalan lalok ampek limo anam tujuah sambilan sapuluah
        duo tigo patang isuak harago karano sahinggo hinggo ka jadinyo urangnyo ko awak
    """,
}
_TELLING: dict[str, set[str]] = {}
"""The languages that each word speaks for."""
for _codes, _words in _TABLE.items():
    for _word in _words.split():
        _TELLING.setdefault(_word, set()).update(_codes.split())
_SIX = ("id", "ms", "jv", "su", "bjn", "min")

_ISO = {"zh-cn": "zh", "zh-tw": "zh"}


def label(text: str, stated: str | None = None) -> tuple[str | None, float | None]:
    """The ISO 639-1 code of the text's language (639-3 where there is none) and the confidence in it, 0 to 1.

    `stated`: the language that the outlet states, which counts as one vote. (None, None) where the text has no letters to judge by.
    """
    votes, words = _votes(text[:VOTE_CHARS])
    if stated in votes:
        votes[stated] += 1
    first = max(votes, key=lambda name: votes[name])
    lead = votes[first] - max(count for name, count in votes.items() if name != first)
    # langdetect's vote could go to Indonesian only, and one vote turns no lead of two.
    if votes[first] >= max(LEAST_VOTES, LEAST_SHARE * words) and (lead > 1 or first == "id"):
        return _decided(votes, "id")
    try:
        guesses = _detect(text[:SAMPLE_CHARS])
    except LangDetectException:
        return None, None
    if not guesses:
        return None, None
    code = _ISO.get(str(guesses[0].lang), str(guesses[0].lang))
    if code not in votes and votes[first] < max(LEAST_VOTES, LEAST_SHARE * words):
        return code, round(float(guesses[0].prob), 4)
    return _decided(votes, code)


def _votes(text: str) -> tuple[dict[str, int], int]:
    """(The function words that speak for each of the six, all words); only those outside quotation marks, where they are enough."""
    own = _WORD.findall(_QUOTED.sub(" ", text).lower())
    words = Counter(own if len(own) >= OWN_WORDS else _WORD.findall(text.lower()))
    votes = dict.fromkeys(_SIX, 0)
    for word, count in words.items():
        for name in _TELLING.get(word, ()):
            votes[name] += min(count, MOST_OF_A_WORD)
    return votes, words.total()


def _decided(votes: dict[str, int], code: str) -> tuple[str, float]:
    """The one of the six with the most votes, langdetect's answer `code` among them. Every vote between it and the next halves the doubt."""
    counted = {name: count + (name == code) for name, count in votes.items()}
    first = max(counted, key=lambda name: (counted[name], name == code))
    if counted[first] < LEAST_VOTES and code in votes:
        first = code
    others = max(count for name, count in counted.items() if name != first)
    return first, round(1 - 0.5 ** (1 + max(0, counted[first] - others)), 4)


class _Detector(Detector):  # type: ignore[misc]  # langdetect has no types
    """langdetect's own: the same answers to the last digit, in a third of its time."""

    def _detect_block(self) -> None:
        """Multiplies the probabilities by those of drawn n-grams, five at a time, until one language is sure."""
        self.cleaning_text()
        ngrams = self._extract_ngrams()
        if not ngrams:
            raise LangDetectException(ErrorCode.CantDetectError, "No features in text.")
        self.langprob = [0.0] * len(self.langlist)
        self.random.seed(self.seed)
        draw, by_ngram = self.random.choice, self.word_lang_prob_map
        for _ in range(self.n_trial):
            weight = (self.alpha + self.random.gauss(0.0, 1.0) * self.ALPHA_WIDTH) / self.BASE_FREQ
            prob = [
                p * (weight + a)
                for p, a in zip(self._init_probability(), by_ngram[draw(ngrams)], strict=True)
            ]
            for drawn in range(0, self.ITERATION_LIMIT + 1, _DRAWN):
                whole = sum(prob)
                prob = [p / whole for p in prob]
                if max(prob) > self.CONV_THRESHOLD or drawn >= self.ITERATION_LIMIT:
                    break
                rows = zip(prob, *[by_ngram[draw(ngrams)] for _ in range(_DRAWN)], strict=True)
                prob = [
                    p * (weight + a) * (weight + b) * (weight + c) * (weight + d) * (weight + e)
                    for p, a, b, c, d, e in rows
                ]
            self.langprob = [each + p / self.n_trial for each, p in zip(self.langprob, prob, strict=True)]

    def _extract_ngrams(self) -> list[str]:
        """The n-grams of the text that any language has; none that ends within a word of capitals."""
        found: list[str] = []
        known = self.word_lang_prob_map
        grams, last, is_capitals = " ", " ", False
        for sign in map(_normal, self.text):
            if last == " ":
                grams, is_capitals = " ", False
                if sign == " ":
                    continue
            grams = grams[-2:] + sign
            is_capitals = sign.isupper() and (is_capitals or last.isupper())
            last = sign
            if is_capitals:
                continue
            if sign != " " and sign in known:
                found.append(sign)
            if (pair := grams[-2:]) in known:
                found.append(pair)
            if len(grams) == NGram.N_GRAM and grams in known:
                found.append(grams)
        return found


_DRAWN = 5
"""So many n-grams langdetect draws before it looks whether it is sure."""
_normal = lru_cache(maxsize=4096)(NGram.normalize)


def _detect(text: str) -> list[Any]:
    """As `langdetect.detect_langs`."""
    detector_factory.init_factory()
    detector = _Detector(detector_factory._factory)
    detector.append(text)
    return list(detector.get_probabilities())
