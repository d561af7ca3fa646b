"""Names of places that datelines carry: Indonesia's provinces, regencies, cities and towns.

Data and one look-up. A name that is missing here may still be a place; `dateline` decides about it.
"""

from __future__ import annotations

import re

_PROVINCES = """
aceh|sumatera utara|sumatra utara|sumut|sumatera barat|sumatra barat|sumbar|riau|kepulauan riau|kepri|jambi|
sumatera selatan|sumatra selatan|sumsel|bangka belitung|babel|bengkulu|lampung|banten|jakarta|dki jakarta|
jawa barat|jabar|jawa tengah|jateng|yogyakarta|di yogyakarta|diy|jogja|jawa timur|jatim|bali|
nusa tenggara barat|ntb|nusa tenggara timur|ntt|kalimantan barat|kalbar|kalimantan tengah|kalteng|
kalimantan selatan|kalsel|kalimantan timur|kaltim|kalimantan utara|kaltara|sulawesi utara|sulut|gorontalo|
sulawesi tengah|sulteng|sulawesi barat|sulbar|sulawesi selatan|sulsel|sulawesi tenggara|sultra|maluku|
maluku utara|malut|papua|papua barat|papua tengah|papua selatan|papua pegunungan|papua barat daya|ikn|
ibu kota nusantara|nusantara
"""

_KALIMANTAN = """
samarinda|balikpapan|bontang|kutai kartanegara|kukar|kutai timur|kutim|kutai barat|kubar|mahakam ulu|mahulu|
berau|paser|penajam paser utara|ppu|penajam|sangatta|sengata|sendawar|tenggarong|tanjung redeb|tana paser|
tanah grogot|grogot|ujoh bilang|muara badak|muara jawa|muara wahau|samboja|sepaku|loa janan|loa kulu|
anggana|sangasanga|bengalon|sangkulirang|marang kayu|kota bangun|long bagun|melak|batu sopang|kuaro|
long ikis|babulu|waru|derawan|maratua|tarakan|nunukan|malinau|bulungan|tanjung selor|tana tidung|sebatik|
krayan|tideng pale|banjarmasin|banjarbaru|martapura|banjar|barito kuala|marabahan|tapin|rantau|
hulu sungai selatan|kandangan|hulu sungai tengah|barabai|hulu sungai utara|amuntai|tabalong|tanjung|
balangan|paringin|tanah laut|pelaihari|tanah bumbu|batulicin|kotabaru|palangka raya|palangkaraya|
kotawaringin barat|pangkalan bun|kotawaringin timur|sampit|kapuas|kuala kapuas|barito utara|muara teweh|
barito selatan|buntok|barito timur|tamiang layang|murung raya|puruk cahu|katingan|kasongan|seruyan|
kuala pembuang|sukamara|lamandau|nanga bulik|gunung mas|kuala kurun|pulang pisau|pontianak|singkawang|
sambas|bengkayang|landak|ngabang|mempawah|sanggau|ketapang|sintang|kapuas hulu|putussibau|sekadau|melawi|
nanga pinoh|kayong utara|sukadana|kubu raya|sungai raya
"""

_SULAWESI = """
kendari|baubau|bau-bau|bombana|rumbia|kolaka|kolaka utara|kolaka timur|konawe|unaaha|konawe selatan|andoolo|
konawe utara|wanggudu|konawe kepulauan|muna|raha|muna barat|buton|pasarwajo|buton utara|buton tengah|
buton selatan|wakatobi|wangi-wangi|makassar|parepare|palopo|gowa|sungguminasa|maros|takalar|jeneponto|
bantaeng|bulukumba|sinjai|bone|watampone|soppeng|wajo|sengkang|sidrap|sidenreng rappang|pinrang|enrekang|
luwu|luwu utara|luwu timur|masamba|malili|tana toraja|toraja|makale|toraja utara|rantepao|pangkep|barru|
selayar|kepulauan selayar|palu|donggala|sigi|parigi moutong|parigi|poso|tojo una-una|ampana|banggai|luwuk|
banggai laut|banggai kepulauan|morowali|bungku|morowali utara|buol|tolitoli|manado|bitung|tomohon|
kotamobagu|minahasa|tondano|minahasa utara|airmadidi|minahasa selatan|amurang|minahasa tenggara|
bolaang mongondow|sangihe|tahuna|sitaro|talaud|limboto|pohuwato|boalemo|bone bolango|mamuju|majene|
polewali mandar|polewali|polman|mamasa|pasangkayu|mamuju tengah
"""

_SUMATERA = """
banda aceh|sabang|lhokseumawe|langsa|subulussalam|aceh besar|aceh utara|aceh timur|aceh barat|aceh selatan|
aceh tengah|aceh tenggara|aceh jaya|aceh tamiang|aceh singkil|bireuen|pidie|pidie jaya|sigli|meulaboh|
nagan raya|takengon|bener meriah|gayo lues|simeulue|medan|binjai|pematangsiantar|pematang siantar|
tebing tinggi|tanjungbalai|tanjung balai|sibolga|padangsidimpuan|gunungsitoli|deli serdang|lubuk pakam|
langkat|stabat|karo|kabanjahe|simalungun|asahan|kisaran|batubara|batu bara|labuhanbatu|rantauprapat|toba|
balige|samosir|tapanuli utara|tarutung|tapanuli tengah|tapanuli selatan|humbang hasundutan|dairi|
pakpak bharat|mandailing natal|madina|nias|nias selatan|nias utara|nias barat|serdang bedagai|sergai|
padang lawas|padang|bukittinggi|payakumbuh|pariaman|solok|sawahlunto|padang panjang|agam|pasaman|
pasaman barat|limapuluh kota|tanah datar|batusangkar|sijunjung|dharmasraya|pesisir selatan|painan|
padang pariaman|solok selatan|mentawai|kepulauan mentawai|pekanbaru|dumai|kampar|bangkinang|rokan hulu|
rokan hilir|bengkalis|siak|pelalawan|indragiri hulu|rengat|indragiri hilir|tembilahan|kuantan singingi|
kepulauan meranti|selatpanjang|batam|tanjungpinang|tanjung pinang|bintan|karimun|lingga|natuna|anambas|
sungai penuh|muaro jambi|batanghari|muara bulian|tebo|bungo|muara bungo|merangin|bangko|sarolangun|kerinci|
tanjung jabung barat|tanjung jabung timur|palembang|prabumulih|lubuklinggau|pagar alam|pagaralam|banyuasin|
musi banyuasin|sekayu|ogan ilir|indralaya|ogan komering ilir|kayuagung|ogan komering ulu|baturaja|oku|oki|
oku timur|oku selatan|muara enim|lahat|empat lawang|musi rawas|muratara|pali|pangkalpinang|bangka|
sungailiat|bangka tengah|bangka barat|bangka selatan|belitung|belitung timur|curup|rejang lebong|kepahiang|
lebong|mukomuko|seluma|kaur|bengkulu utara|bengkulu selatan|bandar lampung|bandarlampung|metro|
lampung selatan|kalianda|lampung tengah|lampung utara|kotabumi|lampung timur|lampung barat|liwa|pesawaran|
pringsewu|tanggamus|kota agung|way kanan|tulang bawang|tulang bawang barat|mesuji|pesisir barat|krui
"""

_JAWA_BALI_NUSRA = """
jakarta pusat|jakarta selatan|jakarta timur|jakarta barat|jakarta utara|kepulauan seribu|bandung|
bandung barat|bogor|cibinong|depok|bekasi|cikarang|cimahi|sukabumi|cianjur|garut|tasikmalaya|ciamis|banjar|
pangandaran|kuningan|cirebon|majalengka|sumedang|indramayu|subang|purwakarta|karawang|tangerang|
tangerang selatan|tangsel|serang|cilegon|lebak|rangkasbitung|pandeglang|semarang|ungaran|surakarta|solo|
salatiga|magelang|pekalongan|tegal|brebes|pemalang|batang|kendal|demak|kudus|jepara|pati|rembang|blora|
grobogan|purwodadi|sragen|karanganyar|wonogiri|sukoharjo|klaten|boyolali|temanggung|wonosobo|purworejo|
kebumen|banjarnegara|purbalingga|banyumas|purwokerto|cilacap|sleman|bantul|kulon progo|kulonprogo|wates|
gunungkidul|gunung kidul|wonosari|surabaya|malang|batu|kediri|blitar|madiun|mojokerto|pasuruan|probolinggo|
sidoarjo|gresik|lamongan|tuban|bojonegoro|ngawi|magetan|ponorogo|pacitan|trenggalek|tulungagung|nganjuk|
jombang|lumajang|jember|bondowoso|situbondo|banyuwangi|bangkalan|sampang|pamekasan|sumenep|denpasar|badung|
gianyar|ubud|tabanan|bangli|klungkung|semarapura|karangasem|amlapura|buleleng|singaraja|jembrana|negara|
mangupura|mataram|lombok barat|lombok tengah|praya|lombok timur|selong|lombok utara|sumbawa|sumbawa barat|
taliwang|dompu|bima|kupang|soe|timor tengah selatan|timor tengah utara|kefamenanu|belu|atambua|malaka|alor|
kalabahi|lembata|flores timur|larantuka|sikka|maumere|ende|ngada|bajawa|nagekeo|manggarai|ruteng|
manggarai barat|labuan bajo|manggarai timur|sumba timur|waingapu|sumba barat|sumba tengah|sumba barat daya|
rote ndao|sabu raijua
"""

_MALUKU_PAPUA = """
ambon|tual|maluku tengah|masohi|seram bagian barat|seram bagian timur|buru|namlea|buru selatan|
maluku tenggara|langgur|kepulauan aru|dobo|kepulauan tanimbar|saumlaki|ternate|tidore|sofifi|
halmahera utara|tobelo|halmahera selatan|halmahera barat|halmahera timur|halmahera tengah|kepulauan sula|
sanana|morotai|pulau morotai|jayapura|sentani|keerom|sarmi|biak|biak numfor|supiori|waropen|kepulauan yapen|
serui|nabire|paniai|dogiyai|deiyai|intan jaya|mimika|timika|puncak|ilaga|puncak jaya|jayawijaya|wamena|
yahukimo|dekai|tolikara|lanny jaya|nduga|yalimo|pegunungan bintang|oksibil|mamberamo raya|mamberamo tengah|
merauke|boven digoel|mappi|asmat|agats|manokwari|sorong|raja ampat|waisai|fakfak|kaimana|teluk bintuni|
bintuni|teluk wondama|tambrauw|maybrat|sorong selatan|manokwari selatan|pegunungan arfak
"""

_ABROAD = """
kuala lumpur|singapura|bangkok|manila|hanoi|kota kinabalu|tawau|kuching|bandar seri begawan|dili|beijing|
tokyo|seoul|new york|washington|london|paris|jenewa|makkah|mekkah|mekah|madinah|jeddah|riyadh|kairo|ankara|
istanbul|moskow|sydney|canberra|den haag|amsterdam|berlin|new delhi|doha|dubai|gaza|yerusalem
"""

NAMES: frozenset[str] = frozenset(
    name.strip()
    for block in (_PROVINCES, _KALIMANTAN, _SULAWESI, _SUMATERA, _JAWA_BALI_NUSRA, _MALUKU_PAPUA, _ABROAD)
    for name in block.replace("\n", "").split("|")
    if name.strip()
)
"""Lower case, without `Kota` and `Kabupaten`."""

_KIND = re.compile(r"^(?:kota|kab\.?|kabupaten|kec\.?|kecamatan|provinsi)\s+")


def is_place(name: str) -> bool:
    """Whether these words are a place of the list, with or without `Kota` or `Kabupaten` before it."""
    plain = " ".join(name.lower().replace("\u2019", "'").split()).strip(" ,.")
    return plain in NAMES or _KIND.sub("", plain) in NAMES
