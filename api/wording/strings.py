"""Every word of the pages in Korean and in English, and the choice between the two (RFC 9110, section 12.5.4).

https://www.rfc-editor.org/rfc/rfc9110#section-12.5.4
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from api.wording.display import LANGUAGES, Language

__all__ = ["STRINGS", "choose_language", "say"]

_TAG = re.compile(r"\s*([A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9-]+)?\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?))?\s*")

STRINGS: Mapping[str, tuple[str, str]] = {
    # the frame of every page
    "site": ("한국 산업정책 지식그래프", "Korean Industrial Policy"),
    "skip": ("본문으로 건너뛰기", "Skip to the content"),
    "navigation": ("주 메뉴", "Main menu"),
    "nav-articles": ("기사", "Articles"),
    "nav-queries": ("질문", "Questions"),
    "nav-vocabulary": ("어휘", "Vocabulary"),
    "nav-quality": ("품질", "Quality"),
    "nav-about": ("소개", "About"),
    "language": ("언어", "Language"),
    "search": ("이름으로 찾기", "By name"),
    "search-go": ("찾기", "Find"),
    "search-none": ("‘{name}’에 가까운 이름이 없다.", "No name comes near “{name}”."),
    "search-found": ("‘{name}’에 가까운 이름", "Names near “{name}”"),
    "search-schemes": ("분류 체계", "Concept schemes"),
    "search-empty": ("찾을 이름을 위의 칸에 적는다.", "Write the name to be found in the box above."),
    "search-all": ("모두", "All"),
    "search-kinds": ("종류별로 거르기", "Only one kind"),
    "search-why": ("찾은 까닭", "Why it was found"),
    "search-when": ("시기", "When"),
    "how-exact": ("이름이 같음", "the same name"),
    "how-prefix": ("이름의 앞부분", "begins the name"),
    "how-chosung": ("초성", "its initial consonants"),
    "how-hanja": ("한자의 독음", "read from Hanja"),
    "how-romanised": ("로마자 표기", "its romanised name"),
    "how-acronym": ("줄임말", "short for the name"),
    "how-text": ("이름에 든 낱말", "words of the name"),
    "how-typo": ("비슷한 철자", "a similar spelling"),
    "how-number": ("적힌 수", "the number as printed"),
    "release": ("릴리스 {version}", "Release {version}"),
    "footer": (
        "기사가 말한 사실과 그 자리를 적는다. 기사 본문은 싣지 않는다.",
        "Facts that the articles state, and where they state them. The text of the articles is not published.",
    ),
    "pages": ("쪽 이동", "Pages"),
    "previous": ("이전", "Previous"),
    "next": ("다음", "Next"),
    "page-of": ("{page}/{pages}쪽", "Page {page} of {pages}"),
    "scroll": ("{name} 표(옆으로 넘길 수 있음)", "Table {name}, scrolls sideways"),
    # home
    "home-lead": (
        "산업정책의 목표, 예산, 사업, 사람, 조직을 근거 위치와 함께 연결한 데이터",
        "Targets, money, programmes, people and bodies of industrial policy, linked, each fact with its evidence.",
    ),
    "figures": ("이 릴리스의 크기", "This release in figures"),
    "figure-triples": ("트리플", "Triples"),
    "figure-things": ("이름 있는 항목", "Named things"),
    "figure-articles": ("기사", "Articles"),
    "figure-issued": ("발행일", "Issued"),
    "figure-shacl": ("형상 검증(SHACL)", "Validation (SHACL)"),
    "shacl-yes": ("통과", "conforms"),
    "shacl-no": ("위반 있음", "has violations"),
    "kinds": ("종류별로 보기", "Browse by kind"),
    "kind": ("종류", "Kind"),
    "count": ("개수", "Number"),
    "questions": ("질문으로 보기", "Browse by question"),
    "plain-query": ("SPARQL 직접 쓰기", "Write SPARQL"),
    # things
    "names": ("이름", "Name"),
    "also": ("다른 이름", "Also known as"),
    "identifier": ("식별자", "Identifier"),
    "facts": ("사실", "Facts"),
    "facts-of": ("{name}에 관한 사실", "Facts about {name}"),
    "no-facts": ("따로 적힌 사실이 없다.", "Nothing further is stated."),
    "property": ("속성", "Property"),
    "value": ("값", "Value"),
    "manner": ("진술", "Stated as"),
    "evidence": ("근거", "Evidence"),
    "own-evidence": ("이 항목의 근거", "Evidence of this entry"),
    "more": ("외 {total}곳", "{total} more"),
    "places": ("{total}곳", "{total} places"),
    "place-one": ("1곳", "1 place"),
    "statement-short": ("진술 {name}", "statement {name}"),
    "value-short": ("값 {name}", "value {name}"),
    "offsets": ("글자 {start}–{end}", "characters {start}–{end}"),
    "offsets-title": (
        "유니코드 부호 위치, 끝은 포함하지 않음",
        "Unicode code points, the end not included",
    ),
    "outside": ("기사 밖 출처", "outside the articles"),
    "read-on": ("{day} 확인", "read {day}"),
    "original": ("원문", "original"),
    "said-by": ("발언 {name}", "said by {name}"),
    "confidence": ("확신도 {number}", "confidence {number}"),
    "normalised": ("정규화 값", "normalised"),
    "inferred": ("추론", "inferred"),
    "issues": ("원문의 문제", "Problems in the source"),
    "issue-printed": ("인쇄된 표기", "As printed"),
    "issue-proposed": ("추정 표기", "Proposed reading"),
    "issue-basis": ("판단 근거", "Basis"),
    "versions": ("목표의 변천", "How the target changed"),
    "announced": ("발표", "Announced"),
    "deadline": ("시한", "Due"),
    "change": ("변화", "Change"),
    "restated": ("재확인", "restated"),
    "revised": ("수정", "revised"),
    "from-earlier": ("이전: {name}", "from: {name}"),
    "linked": ("연결된 항목", "What is linked with it"),
    "points-here": ("이 항목을 가리킴", "points here"),
    "all-of-them": ("{total}개 모두 보기", "Show all {total}"),
    "data": ("데이터로 받기", "Get the data"),
    "cite": ("인용", "Cite as"),
    "cite-line": (
        "한국 산업정책 지식그래프, 릴리스 {version}, “{name}”, {iri}",
        "Korean Industrial Policy knowledge graph, release {version}, “{name}”, {iri}",
    ),
    "cite-sources": ("출처 인용", "Cite the sources"),
    "cite-works": ("목록과 BibTeX", "List and BibTeX"),
    "permalink": ("영구 링크", "Permanent link"),
    "permalink-make": ("영구 링크 만들기", "Make a permanent link"),
    "permalink-title": ("어느 릴리스의 답", "An answer of a release"),
    "kept": ("보관된 릴리스 {version}의 페이지", "A page of the release {version}, which is kept as it was."),
    "kept-latest": ("최신 릴리스에서 보기", "See it in the latest release"),
    "releases-kept": ("릴리스", "Releases"),
    "versions-lead": (
        "한 번 나온 릴리스는 바뀌지 않는다. 주소 앞에 릴리스를 붙이면 그 릴리스로 답한다.",
        "A release never changes. Any path of this server below that of a release is answered from it.",
    ),
    "versions-name": ("릴리스", "Release"),
    "versions-day": ("발행일", "Issued"),
    "versions-current": ("현재", "current"),
    # lists
    "list-of": ("{kind} 목록", "List: {kind}"),
    "class": ("분류", "Class"),
    "articles-lead": (
        "사실을 읽어 낸 기사들이다. 기사에 게재일이 적혀 있지 않으면, 기사가 전하는 가장 늦은 행사의 날을 적는다.",
        "The articles that the facts were read from. Where an article prints no day, that of the latest event which it "
        "reports is given.",
    ),
    "event-day": ("행사일", "Event date"),
    "event-of": ("{day} 행사", "event of {day}"),
    "published-on": ("{day} 게재", "published {day}"),
    "outlet": ("매체", "Outlet"),
    "headline": ("제목", "Headline"),
    "states": ("기사가 말하는 것", "What the article states"),
    "stated-number": ("진술 수", "Statements"),
    "place": ("위치", "Place"),
    "subject": ("대상", "About"),
    "nothing": ("없다.", "None."),
    # quality
    "quality-lead": (
        "원문의 잘못은 고치지 않고 표시한다.",
        "Errors of the sources are flagged, not corrected.",
    ),
    "conflicts": ("서로 어긋나는 것", "Conflicts"),
    "conflict-one": ("한쪽", "One"),
    "conflict-other": ("다른 쪽", "The other"),
    "issue-on": ("문제가 있는 항목", "Concerns"),
    "issue": ("문제", "Problem"),
    # vocabulary
    "vocabulary-lead": (
        "데이터가 쓰는 클래스, 속성, 분류 체계",
        "The classes, properties and schemes that the data uses",
    ),
    "classes": ("클래스", "Classes"),
    "object-properties": ("항목을 잇는 속성", "Properties that link things"),
    "data-properties": ("값을 적는 속성", "Properties with literal values"),
    "annotations": ("주석 속성", "Annotation properties"),
    "term": ("용어", "Term"),
    "definition": ("정의", "Definition"),
    "term-class": ("클래스", "Class"),
    "term-ontology": ("온톨로지", "Ontology"),
    "term-question": ("질문", "Question"),
    "parents": ("상위", "Broader term"),
    "domain-range": ("쓰이는 곳", "From → to"),
    "schemes": ("분류 체계", "Concept schemes"),
    "scheme": ("분류 체계", "Concept scheme"),
    "concept": ("개념", "Concept"),
    "shapes": ("형상(SHACL)", "Shapes (SHACL)"),
    "shapes-lead": ("데이터가 지켜야 하는 규칙", "The rules that the data must keep"),
    "shape": ("형상", "Shape"),
    "shape-targets": ("적용 대상", "Applies to"),
    "shape-rules": ("검사하는 속성", "Checks"),
    # queries
    "queries-lead": (
        "준비된 질문을 고르거나 SPARQL을 직접 쓴다.",
        "Pick a prepared question, or write SPARQL.",
    ),
    "themes": ("주제로 건너뛰기", "By theme"),
    "theme-policy": ("정책과 사업", "Policies and programmes"),
    "theme-target": ("목표와 실적", "Targets and results"),
    "theme-money": ("금액과 투입", "Money"),
    "theme-sector": ("산업 분야와 기술", "Sectors and technologies"),
    "theme-organisation": ("기관과 협약", "Organisations and agreements"),
    "theme-person": ("사람과 직위", "People and posts"),
    "theme-time": ("행사와 변화", "Events and changes"),
    "theme-entity": ("한 대상의 사실과 관계", "One thing and its relations"),
    "theme-evidence": ("기사와 근거", "Articles and evidence"),
    "theme-quality": ("상충과 품질", "Conflicts and quality"),
    "theme-other": ("그 밖의 질문", "Other questions"),
    "query-text": ("SPARQL 질의", "SPARQL query"),
    "query-format": ("받을 형식", "Answer as"),
    "query-run": ("실행", "Run"),
    "query-fetch": ("파일로 받기", "Fetch"),
    "query-example": ("예시", "Example query"),
    "query-load": ("불러오기", "Load"),
    "query-share": ("이 질의와 답으로 오는 주소", "Address of this query and its answer"),
    "samples": ("프로그램에서 묻기", "Ask from a program"),
    "samples-editor": ("SPARQL 편집기에서 열기", "Open in the SPARQL editor"),
    "samples-graph": ("그래프에 적힌 이 질문", "This question in the graph"),
    "rows": ("결과 {total}행", "{total} rows"),
    "row-one": ("결과 1행", "1 row"),
    "unit-percent": ("%", "%"),
    "unit-code-point": ("글자", "characters"),
    "unit-year": ("년", "years"),
    "rows-of": ("{total}행 가운데 {first}–{last}행", "rows {first}–{last} of {total}"),
    "chart-swipe": ("옆으로 넘기면 나머지가 보인다.", "Swipe sideways for the rest."),
    "chart-part": ("보이는 행만 그렸다.", "Only the rows that are shown are drawn."),
    "cut": ("결과가 길어 앞부분만 보인다.", "The answer was cut: it is longer than is shown."),
    "other-formats": ("다른 형식", "Other formats"),
    "parameters": ("조건", "Parameters"),
    "required": ("필수", "required"),
    "parameter-hint": ("이름, 식별자 또는 IRI", "a name, an identifier or an IRI"),
    "years-hint": ("한쪽을 비우면 그쪽은 끝이 없다", "either end may be left open"),
    "parameter-many": ("여러 개는 쉼표로 나눔", "several values separated by commas"),
    "example": ("예", "Example"),
    "answer": ("답", "Answer"),
    "true": ("예", "yes"),
    "false": ("아니요", "no"),
    "parameter-any": ("(상관없음)", "(any)"),
    "parameter-menu-many": ("여러 개를 고를 수 있음", "several may be chosen"),
    "year-from": ("이 해부터", "from the year"),
    "year-to": ("이 해까지", "to the year"),
    # pictures of answers
    "chart": ("그림", "Picture"),
    "chart-same": ("아래 표와 같은 내용이다.", "The table below says the same."),
    "chart-rest": ("{total}행은 표에만 있다.", "{total} rows are in the table only."),
    "chart-bars": ("막대 {total}개", "{total} bars"),
    "chart-units": ("단위: {units}", "unit: {units}"),
    "chart-timeline": ("{first}부터 {last}까지 {total}건", "{total} entries from {first} to {last}"),
    "chart-network": ("항목 {total}개와 관계 {links}개", "{total} things and {links} links"),
    "chart-sankey": ("흐름 {total}개", "{total} flows"),
    "bound-about": ("약", "About"),
    "bound-at-least": ("이상", "At least"),
    "bound-at-most": ("이하", "At most"),
    # how things are related
    "nav-explore": ("관계", "Relations"),
    "explore": ("두 항목은 어떻게 이어져 있나", "How two things are related"),
    "explore-lead": (
        "이름 둘을 적으면 그 사이를 잇는 경로를, 하나만 적으면 그 이웃을 근거와 함께 보인다.",
        "Two names give the paths between them, one name what is near it, each link with its evidence.",
    ),
    "explore-from": ("어디에서", "From"),
    "explore-to": ("어디까지", "To"),
    "explore-k": ("경로의 수(1–10)", "Paths (1–10)"),
    "explore-length": ("연결의 수(1–6)", "Links (1–6)"),
    "explore-as-of": ("날짜(그날에 성립하는 재직, 그날까지의 행사만)", "Day (tenures that hold, events up to it)"),
    "explore-without": ("지나지 않을 것(항목, 종류, 속성)", "Not by way of (things, kinds, properties)"),
    "explore-go": ("이어 보기", "Relate"),
    "explore-read-as": ("적은 이름은 ‘{text}’, 읽은 항목은", "“{text}” was read as"),
    "explore-or": ("혹은", "or"),
    "explore-paths": ("경로", "Paths"),
    "explore-same": ("둘은 같은 항목이다:", "Both are the same:"),
    "explore-none": (
        "연결 {length}개 안에서 두 항목을 잇는 경로가 없다. 항목 {nodes}개와 연결 {links}개를 살폈다.",
        "No path of at most {length} links relates the two. {nodes} things and {links} links were searched.",
    ),
    "explore-searched": (
        "항목 {nodes}개와 연결 {links}개를 살폈다.",
        "{nodes} things and {links} links were searched.",
    ),
    "explore-more": ("더 있다. 수를 늘리면 보인다.", "There are more: ask for a greater number."),
    "explore-shared": ("함께 이어진 것", "What both are linked with"),
    "explore-near": ("이웃", "What is near"),
    "explore-steps": ("단계와 근거", "Steps and evidence"),
    "explore-rule": ("규칙 {rule}", "rule {rule}"),
    "explore-vocabulary": ("어휘의 정의", "defined by the vocabulary"),
    # about
    "about-what": ("무엇인가", "What this is"),
    "about-what-text": (
        "신문 기사에서 읽은 한국 산업정책의 사실을 항목과 관계로 적고, 사실마다 읽은 자리를 글자 위치로 남겼다. "
        "기사 밖 출처에서 온 사실과 추론한 사실은 따로 표시한다.",
        "Facts about Korean industrial policy, read from newspaper articles, written as things and relations; each "
        "keeps the place where it was read as character offsets. Facts from elsewhere and inferred ones are marked.",
    ),
    "about-how": ("주소와 형식", "Addresses and formats"),
    "about-how-text": (
        "항목의 IRI는 {base}로 시작한다. 이 서버에서는 같은 경로로 열리며, 브라우저에는 웹 페이지를, "
        "그 밖에는 Turtle을 보낸다. Accept 헤더나 확장자로 다른 형식을 고를 수 있다.",
        "The IRIs begin with {base}. This server answers under the same path: browsers get a page, everything else "
        "gets Turtle. The Accept header or a suffix chooses another format.",
    ),
    "about-limits": ("한계", "Limits"),
    "about-limits-text": (
        "기사가 말한 것을 적을 뿐 사실 여부를 따지지 않는다. 적혀 있지 않다고 해서 없었다는 뜻은 아니다.",
        "It records what the articles say, not whether it is true. What is not recorded may still have happened.",
    ),
    "about-ways": ("들어오는 길", "Ways in"),
    "about-tables": ("표의 값을 항목과 맞추기", "Matching the cells of a table"),
    "about-tables-text": (
        "OpenRefine에서는 열 메뉴의 Reconcile, Start reconciling, Add standard service를 차례로 고르고 이 서버의 "
        "주소에 {path}를 붙여 넣는다(Reconciliation Service API 0.2). 부처·기관·사업의 이름은 신문이 줄여 쓴 대로 "
        "두어도 된다. 그 이름을 쓰는 항목이 하나뿐일 때만 저절로 맞춘다. 같은 이름을 시기마다 다른 부처가 썼다면 "
        "날짜 열을 속성 asOf로 준다. 맞춘 뒤 Add columns from reconciled values로 유형, 날짜, 금액과 단위를 "
        "덧붙인다.",
        "In OpenRefine choose Reconcile, Start reconciling, Add standard service in the menu of a column and give "
        "the address of this server with {path} (Reconciliation Service API 0.2). Names of ministries, bodies and "
        "programmes may stay as newspapers shorten them. A cell is matched by itself only where one thing alone "
        "bears the name. Where ministries bore the same name one after the other, give a column of days as the "
        "property asOf. Then Add columns from reconciled values for types, dates, amounts and units.",
    ),
    "about-agents": ("에이전트 연결하기", "Connecting an agent"),
    "about-agents-text": (
        "Model Context Protocol을 쓰는 프로그램에 이 서버의 주소에 {path}를 붙여 등록한다(streamable HTTP, 세션과 "
        "인증 없음). 질문마다 도구가 하나씩 있고, search, describe, paths, schema, run_sparql이 더 있다. 답에는 "
        "근거가 붙으며 한도는 다른 길과 같다.",
        "Register the address of this server with {path} in a program that speaks the Model Context Protocol "
        "(streamable HTTP, no sessions, no authentication). There is a tool for each question, and search, "
        "describe, paths, schema and run_sparql. Answers carry their evidence; the limits are those of every "
        "other way in.",
    ),
    "way-sparql": ("SPARQL 접점", "SPARQL endpoint"),
    "way-api": ("질문 목록(JSON)", "Catalogue of questions (JSON)"),
    "way-openapi": ("API 설명(OpenAPI)", "API description (OpenAPI)"),
    "reference": ("HTTP 접점 안내", "HTTP reference"),
    "reference-lead": (
        "이 서버가 답하는 모든 경로와 매개변수, 예시",
        "Every path that this server answers, with parameters and examples.",
    ),
    "request-body": ("본문 형식", "Body"),
    # the data set
    "dataset": ("데이터 집합과 내려받기", "Data set and downloads"),
    "graph-article": ("기사", "Article"),
    "graph-content": ("그래프의 트리플", "Triples of the graph"),
    "graph-all": ("모든 그래프를 담은 파일", "The file with all graphs"),
    "void-entities": ("IRI가 있는 항목", "Things with an IRI"),
    "void-properties": ("속성", "Properties"),
    "void-subjects": ("서로 다른 주어", "Distinct subjects"),
    "void-objects": ("서로 다른 목적어", "Distinct objects"),
    "profiles": ("필요한 만큼만 (Turtle):", "Only what is needed (Turtle):"),
    "dumps": ("파일", "Files"),
    "dump-file": ("이름", "Name"),
    "dump-type": ("미디어 유형", "Media type"),
    "dump-bytes": ("바이트", "Bytes"),
    "linksets": ("다른 데이터와의 연결", "Links to other data"),
    "linkset-target": ("대상", "To"),
    "licence": ("이용 허락", "Licence"),
    # problems
    "problem-status": ("상태 {status}", "Status {status}"),
    "problem-detail": ("자세한 내용", "In detail"),
    "problem-nearest": ("혹시 이것인가?", "Did you mean"),
    "problem-alternatives": ("있는 형식", "What there is"),
    "home": ("처음으로", "Home"),
    # why
    "why": ("왜 이 답인가", "Why this row"),
    "why-short": ("왜?", "Why?"),
    "why-fact": ("왜 이 사실이 있는가", "Why this fact is here"),
    "why-lead": (
        "이 행이 기대는 진술과 그 자리이다.",
        "The statements that this row rests on, and where they were read.",
    ),
    "why-statements": ("진술과 근거", "Statements and evidence"),
    "why-inferred": ("추론한 사실과 그 전제", "What was inferred, and from what"),
    "why-rule": ("규칙", "Rule"),
    "why-cut": ("증명이 길어 일부만 보인다.", "The proof is long; a part of it is shown."),
    "why-again": ("위에서 보였다", "shown above"),
    "why-back": ("답으로 돌아가기", "Back to the answer"),
    "why-hash": ("구간 해시(SHA-256)의 앞부분", "Beginning of the hash (SHA-256) of the span"),
    "why-claim": ("진술 유형", "claim"),
    "why-rank": ("우선순위", "rank"),
    "why-confidence": ("확신도", "confidence"),
    "why-speaker": ("발언 주체", "said by"),
    "why-status": ("검수 상태", "curation"),
    "origin-stated": ("진술", "stated"),
    "origin-inferred": ("추론", "inferred"),
    "origin-vocabulary": ("어휘", "vocabulary"),
    "origin-meta": ("데이터셋 설명", "description of the data set"),
    "origin-register": ("항목 등록", "register of things"),
    "explain": ("왜 답이 없는가", "Why there is no answer"),
    "explain-each": ("패턴마다 보기", "Pattern by pattern"),
    "explain-line": ("줄:칸", "Line:column"),
    "explain-pattern": ("패턴", "Pattern"),
    "explain-alone": ("따로", "Alone"),
    "explain-together": ("앞과 함께", "With those before"),
    "explain-some": ("있음", "matches"),
    "explain-none": ("없음", "none"),
    "explain-go": ("까닭 찾기", "Explain"),
}


def say(key: str, language: Language, **values: object) -> str:
    """The words of a key, with its places filled in.

    >>> say("page-of", "en", page=2, pages=3)
    'Page 2 of 3'
    """
    return STRINGS[key][LANGUAGES.index(language)].format(**values)


def choose_language(parameter: str | None, header: str | None) -> Language:
    """The language that `?lang=` names, else the one that Accept-Language likes best, else Korean.

    >>> choose_language(None, "fr, en-GB;q=0.8, ko;q=0.2"), choose_language("ko", "en"), choose_language(None, None)
    ('en', 'ko', 'ko')
    """
    for language in LANGUAGES:
        if parameter == language:
            return language
    wishes = {
        found[1].lower(): float(found[2] or 1) for found in map(_TAG.fullmatch, (header or "").split(",")) if found
    }
    fallback = wishes.get("*", 0.0)
    best = max(LANGUAGES, key=lambda language: wishes.get(language, fallback))
    return best if wishes.get(best, fallback) > 0 else "ko"
