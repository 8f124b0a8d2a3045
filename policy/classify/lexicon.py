"""Words that the detectors lean on: prefectures, common surnames, diseases, keywords.

Keywords are RE2 alternatives by kind. A number in running text counts only with a keyword of its
kind within `REACH` characters; the `other` keywords name numbers that are none of ours.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

REACH: Final = 40
"""Characters between a keyword and the value that it speaks of."""
OTHER: Final = "other"

PREFECTURES: Final = (
    "北海道|東京都|(?:大阪|京都)府|(?:青森|岩手|宮城|秋田|山形|福島|茨城|栃木|群馬|埼玉|千葉|神奈川|"
    "新潟|富山|石川|福井|山梨|長野|岐阜|静岡|愛知|三重|滋賀|兵庫|奈良|和歌山|鳥取|島根|岡山|広島|"
    "山口|徳島|香川|愛媛|高知|福岡|佐賀|長崎|熊本|大分|宮崎|鹿児島|沖縄)県"
)

# No surname of one character: each is also half of some word.
SURNAMES: Final = (
    "佐藤|鈴木|高橋|田中|伊藤|渡辺|渡邊|渡邉|山本|中村|小林|加藤|吉田|山田|佐々木|山口|松本|井上|木村|"
    "斎藤|斉藤|齋藤|齊藤|清水|山崎|阿部|池田|橋本|石川|山下|中島|石井|小川|前田|岡田|長谷川|藤田|"
    "後藤|近藤|村上|遠藤|青木|坂本|福田|太田|西村|藤井|岡本|三浦|金子|藤原|中野|中川|原田|"
    "松田|竹内|小野|田村|中山|和田|石田|森田|上田|柴田|酒井|宮崎|工藤|横山|宮本|内田|高木|"
    "安藤|谷口|大野|丸山|今井|高田|武田|藤本|上野|村田|杉山|増田|菅原|平野|大塚|千葉|久保|松井|"
    "小島|岩崎|桜井|櫻井|野口|松尾|木下|菊地|菊池|野村|新井|佐野|古川|市川|杉本|小松|水野|"
    "山内|西田|吉川|北村|五十嵐|永井|川口|西川|松岡|田口|川崎|平田|飯田|中田|本田|関口|久保田|"
    "沢田|樋口|岩田|川村|服部|吉村|荒木|矢野|秋山|望月|松村|大西|大島|早川|荒井|黒田|熊谷|浅野|"
    "松下|小山|尾崎|大谷|小池|荻野|片山|本間|須藤|大橋|福島|高野|星野|石原|宮田|土屋|"
    "大久保|横田|栗原|安田|岡崎|奥村|川上|内藤|河野|篠原|馬場|松原|西山|小西|小田|川田|小澤|小沢|"
    "萩原|白石|渋谷|坂口|吉岡|岩本|浜田|濱田|成田|森本|児玉|田辺|富田|榎本|島田|八木|関根|天野|大石"
)

DISEASES: Final = (
    "糖尿病|高血圧|脂質異常症|心筋梗塞|狭心症|心不全|脳梗塞|脳出血|くも膜下出血|肺炎|結核|喘息|"
    "肝炎|肝硬変|腎不全|関節リウマチ|骨折|統合失調症|うつ病|双極性障害|認知症|てんかん|"
    "パーキンソン病|発達障害|HIV感染|エイズ|梅毒|白血病|リンパ腫|悪性腫瘍|"
    "(?:胃|肺|乳|肝|膵|大腸|直腸|子宮|前立腺|食道|甲状腺)(?:がん|癌)|"
    "(?i:diabetes|hypertension|myocardial infarction|stroke|pneumonia|tuberculosis|asthma|"
    "hepatitis|schizophrenia|depression|dementia|epilepsy|leuka?emia|lymphoma|carcinoma|cancer)"
)

KEYWORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "jp.my_number": r"個人番号|マイナンバー|(?i:\bmy[ _-]?number|\bindividual number)",
        "jp.corporate_number": r"法人番号|(?i:\bcorporate number)",
        "jp.invoice_number": r"登録番号|適格請求書|インボイス|(?i:\binvoice registration)",
        "jp.resident_code": r"住民票コード|住民票code|(?i:\bresident(?: record)? code)",
        "jp.drivers_licence": r"免許証|免許番号|(?i:\bdriver'?s? licen[cs]e|\blicen[cs]e n)",
        "jp.passport": r"旅券|パスポート|(?i:\bpassport)",
        "jp.residence_card": r"在留カード|(?i:\bresidence card)",
        "jp.care_insured_number": r"介護(?:保険)?(?:の)?被保険者|(?i:\bcare insured)",
        "jp.care_insurer_number": r"介護保険者番号|(?i:\bcare insurer)",
        "jp.insurer_number": r"(?:^|[^被護])保険者番号|(?i:\binsurer (?:number|no|id))",
        "jp.insured_number": (
            r"被保険者証?等?の?(?:記号|番号)|記号・番号|保険証|(?i:\binsured (?:number|no|id))"
        ),
        "jp.pension_number": r"年金番号|年金手帳|(?i:\bpension (?:number|no|id))",
        "jp.employment_insurance": (
            r"雇用保険(?:被保険者証?)?(?:番号)?|(?i:\bemployment insurance)"
        ),
        "jp.municipality_code": r"団体コード|市区?町村コード|自治体コード|(?i:\bmunicipality code)",
        "gtin": r"バーコード|\b(?:JAN|EAN|GTIN|UPC)",
        "card": (
            r"カード番号|クレジット|デビット|"
            r"(?i:\b(?:card (?:number|no)|credit card|visa|mastercard|jcb|amex))"
        ),
        "bank_account": (
            r"口座|普通預金|当座預金|振込先|普通[ :：]|当座[ :：]|"
            r"(?i:\baccount (?:number|no)|\biban)"
        ),
        "phone": r"電話|携帯|連絡先|(?i:\b(?:tel|fax|phone|mobile)\b)",
        "postal_code": r"郵便番号|〒|(?i:\b(?:postal|post ?code|zip))",
        "eccn": r"輸出|該非|該当|リスト規制|外為|\b(?:ECCN|EAR|CCL)\b|(?i:\bexport)",
        "diagnosis": (
            r"患者|診断|既往|受診|カルテ|傷病|通院|入院|発症|主訴|診療|"
            r"(?i:\b(?:patient|diagnos\w+|admitted|suffers?)\b)"
        ),
        OTHER: (
            r"(?:注文|受注|発注|伝票|管理|問い?合わ?せ|追跡|製造|会員|社員|整理|受付|請求書|契約|"
            r"案件|取引|証券|商品)(?:番号|ID|No)|シリアル|品番|型番|ロット|"
            r"(?i:\b(?:order|tracking|invoice|serial|lot|ticket|part|request) ?(?:number|no|id|#))"
        ),
    }
)
