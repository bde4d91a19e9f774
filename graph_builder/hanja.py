"""Hangul readings of the Hanja that newspapers put for words of government and industry, so that a query may use them.

Only queries are read; no name is made. Readings are those of Unicode's kHangul
(https://www.unicode.org/reports/tr38/#kHangul); at the beginning of a word ㄴ and ㄹ weaken as Korean Orthography
has it, chapter 3, section 5 (https://korean.go.kr/kornorms/regltn/regltnView.do?regltn_code=0001).
"""

from __future__ import annotations

import re

__all__ = ["as_surname", "has_hanja", "read_hanja"]

# Reading first, then the characters that have it.
_READINGS = """
가價家加街 각各角 간間簡幹 감減監感 갑甲 강强江鋼康姜 개開個改介 객客 거去巨據 건建件健 검檢 격格擊 견見 결決結
경經京景警競境 계計界係械繼契 고高古告庫雇 공工公空共功供孔 과科課過果 곽郭 관官關觀管館 광光鑛廣 교敎校交橋
구九口區求究具構救購 국國局鞠 군軍郡 권權券 규規揆奎 균均 극極 근根近勤槿謹 금金今禁琴 급給急級
기企氣技器機期基紀記旗起奇 길吉 난難 남南男 납納 내內 녀女 년年 념念 노努 농農 능能 다多 단團短單段斷端 담擔談 당當黨
대大對代隊臺貸 덕德 도道都圖度島導 독獨督 동東動同銅 두頭 등等登 라羅 락落樂 란亂 람覽 랭冷 략略 량量良梁 려旅呂 력力歷
련連鍊聯 렬列烈 렴廉 령令領 례例禮 로路勞老盧魯 록錄綠 론論 뢰賴 료料 룡龍 류流類柳劉 륙六陸 률律率 륜輪 리李 림林 립立
마馬 만萬灣 망望網 매賣買每 맹孟 면面免 명名命明 모模母募謨牟 목目木 무務貿無武 문文問門聞 물物 미美米未 민民閔 박朴
반半反潘 발發 방方防放邦訪 배配倍培裵裴 백百白 번番 범範犯 법法 변變卞邊 별別 병兵病 보保報補步 복福復 본本 봉奉
부部府富不副負 북北 분分 불拂佛 비費備非比秘 빈貧 사事社使史査士師私四 산産產山算散 삼三 상商上常相狀象賞償 새璽 색色
생生 서西書署徐 석石席碩錫 선先船選線善鮮宣 설設說薛 섬纖 성成性省城星 세世稅勢細 소小所消素少 속速屬 손損孫 송送宋
쇄刷 수水數需收輸受首手洙 숙淑 순順 술術 습習 승勝 시市始時施試視示 식食式識植 신新信申身神辛愼 실實室失 심心審深沈
십十 아亞 안安案 암岩 압壓 애愛 액額液 야野夜 약約藥弱 양洋養樣陽兩 어漁語魚 억億 언言彦 엄嚴 업業 여與餘 역域役逆
연硏延燃然軟緣 열熱悅 염鹽 영英營永映榮 예豫藝預 오五吳 옥玉 온溫 완完 왕王 외外 요要 욕欲 용用容 우優友宇郵禹 욱郁旭
운運雲 원源原園圓院元願援員遠 월月越 위位委危衛爲魏 유有油維由遊誘兪庾 육育 윤允尹潤 융融 은銀恩殷 음音 응應
의義議意醫衣 이以二異移易 익益 인人引印因寅 일日一 임任 입入 자資自子者 작作 잔殘 잠潛 장長場張章裝將障蔣
재財材在再災裁宰 저低著貯 적的適積績赤 전電全前轉戰傳展專錢典田 절節切 점點店 접接 정政情正定精整訂程靜貞鄭丁
제製制濟第提題除諸 조造組助調朝條租早兆趙曺 족族 존存 종種終從鍾鐘 좌左 주主住株週州注朱周 준準俊 중中重仲 즉卽
증增證症 지地支智知指持誌至紙志池 직職直 진進振陣眞鎭陳秦 질質 집集執 차車次差借 착着 찬贊 참參 창創倉昌 채債採蔡
책策責 처處 천千天川 철鐵哲 첨尖添 청廳靑請淸 체體締 초初超草 촉促 총總 최最崔 추推追秋 축築蓄縮 춘春 출出 충充忠
취取就 측測側 층層 치治致置値 친親 칠七 침侵 쾌快 타他打 탁託卓 탄炭彈 탈脫 탑塔 태太態泰 택宅擇 토土討 통通統 퇴退
투投鬪 특特 파派破波 판判板販版 팔八 패敗 편編便片 평平評 폐廢閉 포包布浦 폭暴 표表票標 품品 풍風 피被 필必 하下河 학學
한韓限漢 할割 함艦咸 합合 항航港項抗 해海解害 핵核 행行幸 향向鄕香 허許 헌憲 혁革赫 현現縣賢鉉玄 협協 형形型炯亨 혜惠
호湖護號好戶皓鎬昊 혼混 홍洪 화化火和貨華畵話 확確擴 환換環還患煥 활活 황況黃 회會回 획劃 효效 후後候厚 훈訓勳 휴休
흑黑 흥興 희希熙姬
"""
_HANGUL = {hanja: entry[0] for entry in _READINGS.split() for hanja in entry[1:]}
# The Unicode blocks of unified and of compatibility ideographs.
_BLOCKS = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_HANJA = re.compile(f"[{_BLOCKS}]")
_BEGINNING = re.compile(f"(?<![가-힣\\d{_BLOCKS}])[{_BLOCKS}]")
_GOLD = re.compile(f"(?<![가-힣{_BLOCKS}])金")
# Before i and y the sound falls away; before other vowels ㄹ becomes ㄴ.
_WEAK = str.maketrans(
    "녀년념려력련렬령례료류륙률륜림립략량락란람랭로록론뢰리라렴룡",
    "여연염여역연열영예요유육율윤임입약양낙난남냉노녹논뇌이나염용",
)


def has_hanja(text: str) -> bool:
    """Whether a text has a Chinese character in it."""
    return bool(_HANJA.search(text))


def as_surname(text: str) -> str:
    """The text with 金 at the beginning of a word as it is read where it is a surname; elsewhere it is 금.

    >>> read_hanja(as_surname("金正官")), read_hanja("金融")
    ('김정관', '금융')
    """
    return _GOLD.sub("김", text)


def read_hanja(text: str) -> str:
    """The text with each Chinese character that is known as it is read in Korean; others stay.

    >>> read_hanja("産業通商資源部"), read_hanja("中小벤처企業部"), read_hanja("半導體 戰略"), read_hanja("勞動力")
    ('산업통상자원부', '중소벤처기업부', '반도체 전략', '노동력')
    >>> read_hanja("李在明"), read_hanja("文在寅"), read_hanja("2兆 5千億"), read_hanja("2019年")
    ('이재명', '문재인', '2조 5천억', '2019년')
    """
    weakened = _BEGINNING.sub(lambda found: _HANGUL.get(found.group(), found.group()).translate(_WEAK), text)
    return "".join(_HANGUL.get(char, char) for char in weakened)
