"""A small graph in the model of the releases, written by hand: what the canned queries must and must not find."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import orjson
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, serialize

from graph_builder.identifiers import statement_key
from graph_builder.labels import label_index
from graph_builder.prefixes import DEFAULT_BASE, PrefixMap, prefix_map
from graph_builder.search_index import search_index

__all__ = ["ARTICLES", "Sample", "sample", "write_release"]

XSD = "http://www.w3.org/2001/XMLSchema#"
A0, A1, A2 = ARTICLES = (
    "article:2020-05-06-post-corona-strategy",
    "article:2020-10-28-industrial-dx-alliance",
    "article:2025-12-17-motir-work-plan",
)
Value = NamedNode | Literal | str | int | float | bool


class Sample:
    """A set of quads that grows by things, facts and nodes."""

    def __init__(self, names: PrefixMap) -> None:
        self.names = names
        self.quads: set[Quad] = set()

    def iri(self, curie: str) -> NamedNode:
        return NamedNode(self.names.expand(curie))

    def term(self, value: Value) -> NamedNode | Literal:
        """A CURIE to its IRI, a date, number or other text to a literal."""
        if isinstance(value, NamedNode | Literal):
            return value
        if isinstance(value, int | float):
            return (
                Literal(value) if isinstance(value, int) else Literal(str(value), datatype=NamedNode(XSD + "decimal"))
            )
        if value[:4].isdigit() and len(value) == 10:
            return Literal(value, datatype=NamedNode(XSD + "date"))
        prefix, colon, _ = value.partition(":")
        return self.iri(value) if colon and prefix in self.names.prefixes else Literal(value, language="ko")

    def say(self, subject: str, predicate: str, value: Value) -> None:
        """One triple of the default graph."""
        self.quads.add(Quad(self.iri(subject), self.iri(predicate), self.term(value)))

    def thing(self, curie: str, classes: str, ko: str, en: str, *alt: str, **facts: Value) -> None:
        """A thing with its classes, both labels, other Korean names and plain facts."""
        for name in classes.split():
            self.say(curie, "rdf:type", name if ":" in name else f"kip:{name}")
        self.say(curie, "rdfs:label", Literal(ko, language="ko"))
        self.say(curie, "rdfs:label", Literal(en, language="en"))
        for name in alt:
            self.say(curie, "skos:altLabel", Literal(name, language="ko"))
        for name, value in facts.items():
            self.say(curie, f"kip:{name}", value)

    def proof(self, node: str, at: tuple[str, int, int]) -> None:
        """Evidence of a node at a place of an article."""
        article, start, end = at
        key = sha256(article.encode()).hexdigest()[:12]
        evidence, selector = f"evidence:{key}-{start}-{end}", f"selector:{key}-{start}-{end}"
        self.say(node, "kip:evidence", evidence)
        self.say(evidence, "oa:hasSource", f"snapshot:{key}")
        self.say(evidence, "oa:hasSelector", selector)
        self.say(evidence, "kip:spanHash", Literal("ab" * 32))
        self.say(selector, "oa:start", start)
        self.say(selector, "oa:end", end)
        self.say(f"snapshot:{key}", "kip:snapshotOf", article)
        self.say(f"snapshot:{key}", "kip:sha256", Literal("cd" * 32))
        self.say(f"snapshot:{key}", "kip:charCount", 2000)

    def fact(self, subject: str, predicate: str, value: str, at: tuple[str, int, int], **qualifiers: Value) -> None:
        """A triple with its statement."""
        self.say(subject, predicate, value)
        parts = (self.names.expand(subject), self.names.expand(predicate), self.names.expand(value))
        statement = f"statement:{statement_key(*parts)}"
        self.say(statement, "rdf:type", "kip:Statement")
        for name, part in zip(("subject", "predicate", "object"), (subject, predicate, value), strict=True):
            self.say(statement, f"rdf:{name}", part)
        for name, qualifier in {"claimType": "claim:plan", **qualifiers}.items():
            self.say(statement, f"kip:{name}", qualifier)
        self.proof(statement, at)

    def amount(self, node: str, number: float, text: str, bound: str, currency: str = "currency:KRW") -> None:
        """The value of a commitment or target; a currency makes it money."""
        value = f"value:{sha256((node + text).encode()).hexdigest()[:16]}"
        self.say(node, "kip:value", value)
        self.say(value, "kip:numericValue", float(number))
        self.say(value, "kip:statedText", Literal(text, language="ko"))
        self.say(value, "kip:bound", f"bound:{bound}")
        self.say(value, "kip:currency" if currency.startswith("currency") else "kip:unit", currency)


def sample() -> Sample:
    """The whole graph."""
    graph = Sample(prefix_map(DEFAULT_BASE))
    for part in (_vocabulary, _sectors, _sources, _people, _events, _policies, _targets, _money, _issues):
        part(graph)
    return graph


def _vocabulary(graph: Sample) -> None:
    for name, ko in {
        "hasSector": "산업 분야",
        "provider": "제공 기관",
        "followsUp": "후속 조치",
        "participant": "참석자",
        "speaker": "발언자",
        "host": "주최",
    }.items():
        graph.thing(f"kip:{name}", "owl:ObjectProperty", ko, name)
    for kind, slugs in {
        "bound": "exact at-least about",
        "instrument": "guarantee equity-fund loan rnd-grant",
        "claim": "plan quotation",
        "issue-type": "impossible-year",
        "revision-type": "raised-and-accelerated",
        "remark-type": "pledge",
    }.items():
        for slug in slugs.split():
            graph.thing(f"{kind}:{slug}", "skos:Concept", f"{slug}(개념)", slug)


def _sectors(graph: Sample) -> None:
    for slug, ko, *broader in (
        ("manufacturing", "제조업"),
        ("semiconductors", "반도체", "manufacturing"),
        ("foundry", "파운드리", "semiconductors"),
        ("automotive", "자동차", "manufacturing"),
        ("automotive-semiconductors", "차량용 반도체", "semiconductors", "automotive"),
        ("shipbuilding", "조선", "manufacturing"),
    ):
        graph.thing(f"sector:{slug}", "Sector", ko, slug.replace("-", " ").capitalize())
        for wider in broader:
            graph.say(f"sector:{slug}", "skos:broader", f"sector:{wider}")


def _sources(graph: Sample) -> None:
    graph.thing("org:etnews", "Organization MediaOrganization", "전자신문", "Electronic Times")
    for number, article in enumerate(ARTICLES):
        graph.thing(article, "Article", f"기사 {number}", f"Article {number}", articleNumber=number)
        graph.proof(article, (article, 0, 10))
    graph.say(A0, "kip:published", "2020-05-07")
    graph.say(A1, "kip:published", "2020-10-28")
    graph.fact(A1, "kip:publisher", "org:etnews", (A1, 1990, 2000))
    graph.thing("source:who-is-who", "ContextSource", "인사 발표", "Appointments", sourceDate="2018-09-21")
    graph.say("source:who-is-who", "kip:outletName", Literal("정부"))
    graph.say("source:who-is-who", "schema:url", NamedNode("https://example.org/appointments"))
    graph.say("evidence:who-is-who", "oa:hasSource", "source:who-is-who")


def _people(graph: Sample) -> None:
    graph.thing("org:motie-2013", "Organization Ministry", "산업통상자원부", "MOTIE", "산업부")
    graph.thing("org:motir-2025", "Organization Ministry", "산업통상부", "MOTIR", "산업부")
    graph.thing(
        "org:motie-policy-office", "Organization GovernmentUnit", "산업정책실", "Policy office", unitOf="org:motie-2013"
    )
    graph.thing("org:shinhan-bank", "Organization Company", "신한은행", "Shinhan Bank")
    graph.thing("post:motie-minister", "MinisterPost", "산업통상자원부 장관", "Minister of MOTIE")
    graph.say("post:motie-minister", "w3org:postIn", "org:motie-2013")
    graph.thing("post:policy-chief", "Post", "산업정책실장", "Chief of policy")
    graph.say("post:policy-chief", "w3org:postIn", "org:motie-policy-office")
    graph.thing("person:sung-yun-mo", "Person", "성윤모", "Sung Yun-mo")
    graph.thing("person:kim-chief", "Person", "김실장", "Kim Chief")
    _tenure(graph, "tenure:sung-yun-mo-motie-minister", "person:sung-yun-mo", "post:motie-minister")
    for day, at in (("2020-05-06", (A0, 30, 50)), ("2020-10-28", (A1, 30, 50))):
        graph.say("tenure:sung-yun-mo-motie-minister", "kip:attestedOn", day)
        graph.proof("tenure:sung-yun-mo-motie-minister", at)
    _tenure(graph, "tenure:kim-chief-policy-chief", "person:kim-chief", "post:policy-chief")
    graph.say("tenure:kim-chief-policy-chief", "kip:startDate", "2018-09-21")
    graph.say("tenure:kim-chief-policy-chief", "kip:endDate", "2020-06-30")
    graph.say("tenure:kim-chief-policy-chief", "kip:evidence", "evidence:who-is-who")


def _tenure(graph: Sample, tenure: str, person: str, post: str) -> None:
    graph.thing(tenure, "Tenure", f"재직 {tenure}", tenure, post=post)
    graph.say(tenure, "w3org:member", person)


def _events(graph: Sample) -> None:
    for slug, day, article in (
        ("2020-05-06-post-corona-dialogue", "2020-05-06", A0),
        ("2020-10-28-dx-alliance-launch", "2020-10-28", A1),
        ("2025-12-17-work-report", "2025-12-17", A2),
    ):
        graph.thing(f"event:{slug}", "PolicyEvent", f"행사 {day}", slug, eventDate=day, dateBasis="date-basis:external")
        graph.proof(f"event:{slug}", (article, 60, 70))
    launch = "event:2020-10-28-dx-alliance-launch"
    graph.fact("event:2020-05-06-post-corona-dialogue", "kip:host", "org:motie-2013", (A0, 71, 80))
    graph.fact(launch, "kip:host", "org:motie-2013", (A1, 71, 80))
    graph.fact(launch, "kip:speaker", "person:sung-yun-mo", (A1, 81, 90))
    graph.say(launch, "kip:participant", "person:sung-yun-mo")  # inferred: a speaker takes part
    graph.fact("event:2025-12-17-work-report", "kip:participant", "org:motir-2025", (A2, 71, 80))


def _policies(graph: Sample) -> None:
    for curie, cls, ko, en in (
        ("policy:post-corona-response", "Policy", "포스트 코로나 대응", "Post-corona response"),
        ("policy:motir-work-plan-2026", "Policy", "2026년 업무계획", "Work plan 2026"),
        ("measure:open-foundry", "Measure", "파운드리 개방", "Opening of foundries"),
        ("measure:auto-chips", "Measure", "차량용 반도체 개발", "Automotive chips"),
        ("program:industrial-dx", "Program", "산업 디지털 전환", "Industrial DX"),
        ("program:smart-factory-rollout", "Program", "스마트공장 보급", "Smart factory roll-out"),
        (
            "policy:digital-industrial-innovation-strategy",
            "Policy",
            "디지털 기반 산업혁신성장 전략",
            "Digital strategy",
        ),
        ("policy:korean-new-deal", "Policy", "한국판 뉴딜", "Korean New Deal"),
    ):
        graph.thing(curie, f"PolicyElement {cls}", ko, en)
    graph.say("measure:open-foundry", "kip:directPartOf", "policy:post-corona-response")
    graph.say("measure:auto-chips", "kip:directPartOf", "policy:motir-work-plan-2026")
    graph.fact("measure:open-foundry", "kip:hasSector", "sector:foundry", (A0, 100, 104))
    graph.fact("measure:auto-chips", "kip:hasSector", "sector:automotive-semiconductors", (A2, 100, 107))
    graph.fact("program:industrial-dx", "kip:hasSector", "sector:shipbuilding", (A1, 1156, 1159))
    graph.fact("program:industrial-dx", "kip:leadMinistry", "org:motie-2013", (A1, 10, 20))
    graph.fact("program:smart-factory-rollout", "kip:leadMinistry", "org:motie-2013", (A1, 10, 20))
    graph.fact("policy:motir-work-plan-2026", "kip:leadMinistry", "org:motir-2025", (A2, 10, 20))
    graph.fact(
        "program:industrial-dx", "kip:followsUp", "policy:digital-industrial-innovation-strategy", (A1, 200, 210)
    )
    graph.fact(
        "policy:digital-industrial-innovation-strategy", "kip:directPartOf", "policy:korean-new-deal", (A1, 190, 199)
    )
    for element, event in (
        ("program:industrial-dx", "event:2020-10-28-dx-alliance-launch"),
        ("policy:post-corona-response", "event:2020-05-06-post-corona-dialogue"),
        ("policy:motir-work-plan-2026", "event:2025-12-17-work-report"),
    ):
        graph.say(element, "kip:announcedIn", event)
    graph.fact(
        "program:industrial-dx", "kip:hasBeneficiary", "sector:manufacturing", (A1, 300, 310),
        claimType="claim:quotation", attributedTo="person:sung-yun-mo",
    )  # fmt: skip
    graph.thing("remark:sung-on-dx", "Remark", "발언", "Remark", remarkBy="person:sung-yun-mo",
                remarkOn="program:industrial-dx", remarkType="remark-type:pledge",
                remarkAt="event:2020-10-28-dx-alliance-launch")  # fmt: skip
    graph.proof("remark:sung-on-dx", (A1, 320, 330))


def _targets(graph: Sample) -> None:
    for slug, deadline, event, at in (
        ("sf-2025", "2025-12-31", "event:2020-05-06-post-corona-dialogue", (A0, 400, 410)),
        ("sf-2022", "2022-12-31", "event:2020-10-28-dx-alliance-launch", (A1, 400, 410)),
    ):
        target = f"target:{slug}"
        graph.thing(target, "Target", f"목표 {slug}", slug, targetOf="program:smart-factory-rollout", deadline=deadline,
                    indicator="indicator:smart-factories", announcedIn=event)  # fmt: skip
        graph.amount(target, 30000, "3만개", "exact", "unit:NUM")
        graph.proof(target, at)
    graph.say("target:sf-2022", "kip:revises", "target:sf-2025")
    graph.say("target:sf-2022", "kip:revisionType", "revision-type:raised-and-accelerated")


def _money(graph: Sample) -> None:
    for slug, number, text, bound, instrument, whole in (
        ("dx-total", 2.9e12, "2조9000억원 이상", "at-least", "rnd-grant", ""),
        ("dx-fund", 4e11, "4000억원", "exact", "equity-fund", "dx-total"),
        ("dx-guarantee", 1.5e12, "1조5000억원", "exact", "guarantee", "dx-total"),
        ("dx-loan", 5.2e11, "5200억원", "exact", "loan", "dx-total"),
        ("dx-rnd", 5.2e11, "5200억원 규모", "about", "rnd-grant", "dx-total"),
        ("dx-extra", 1e11, "1000억원", "exact", "rnd-grant", ""),
    ):
        commitment = f"commitment:{slug}"
        graph.thing(commitment, "BudgetCommitment", f"투입 {slug}", slug, commitmentOf="program:industrial-dx",
                    fundingInstrument=f"instrument:{instrument}",
                    announcedIn="event:2020-10-28-dx-alliance-launch")  # fmt: skip
        graph.amount(commitment, number, text, bound)
        graph.proof(commitment, (A1, 500 + len(graph.quads) % 400, 950))
        if whole:
            graph.say(commitment, "kip:componentOf", f"commitment:{whole}")
    graph.say("commitment:dx-total", "kip:fundingInstrument", "instrument:guarantee")
    graph.say("commitment:dx-loan", "kip:provider", "org:shinhan-bank")
    graph.thing("commitment:us-fund", "BudgetCommitment", "대미 투자", "US fund",
                commitmentOf="policy:motir-work-plan-2026")  # fmt: skip
    graph.amount("commitment:us-fund", 2e11, "2000억 달러", "exact", "currency:USD")
    graph.proof("commitment:us-fund", (A2, 500, 510))


def _issues(graph: Sample) -> None:
    graph.thing(
        "issue:year-20934", "SourceIssue", "연도 오기", "Wrong year", issueType="issue-type:impossible-year",
        issueOn="measure:auto-chips", issueText="20934년", proposedReading="2034년", confidence=0.8,
    )  # fmt: skip
    graph.proof("issue:year-20934", (A2, 1503, 1509))


def write_release(folder: Path) -> Path:
    """The sample as a release folder: dataset, store, names and manifest."""
    graph = sample()
    folder.mkdir(parents=True, exist_ok=True)
    serialize(graph.quads, folder / "dataset.nq", RdfFormat.N_QUADS)
    store = Store(folder / "store")
    store.extend(graph.quads)
    store.flush()
    triples = [quad.triple for quad in graph.quads]
    labels = label_index(triples, graph.names)
    (folder / "labels.json").write_bytes(orjson.dumps(labels))
    (folder / "search.sqlite").write_bytes(search_index(triples, labels, graph.names))
    manifest = {"version": "sample", "base": graph.names.base, "prefixes": dict(graph.names.prefixes)}
    (folder / "manifest.json").write_bytes(orjson.dumps(manifest))
    return folder
