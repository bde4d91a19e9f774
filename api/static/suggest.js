// Offers names while one is typed into a box for things. The page works without it.

const PAUSE = 150;

async function suggest(box, list) {
  // a box that takes several has commas between them; names are offered for the last
  const typed = box.value.slice(box.value.lastIndexOf(",") + 1).trim();
  const before = box.value.slice(0, box.value.lastIndexOf(",") + 1);
  if (!typed) return;
  const address = new URL(box.dataset.address, document.baseURI);
  address.searchParams.set("q", typed);
  if (box.dataset.suggest) address.searchParams.set("kind", box.dataset.suggest);
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const { suggestions } = await answer.json();
  const language = document.documentElement.lang;
  list.replaceChildren(
    ...suggestions.map(({ curie, label, matched }) => {
      const option = document.createElement("option");
      option.value = before + curie;
      option.label = [...new Set([label[language] ?? curie, matched?.name ?? curie, curie])].join(" · ");
      return option;
    }),
  );
}

for (const box of document.querySelectorAll("input[data-suggest]")) {
  const list = document.createElement("datalist");
  list.id = `l-${box.id}`;
  box.after(list);
  box.setAttribute("list", list.id);
  let timer;
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => suggest(box, list).catch(() => {}), PAUSE);
  });
}
