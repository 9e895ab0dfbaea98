"use strict";
// The playground's page: shows what the server pushes, sends what is typed and pressed. Text is only ever set as text.

const dictionary = JSON.parse(document.getElementById("dictionary").textContent);
const panes = new Map([...document.querySelectorAll(".pane")].map((pane) => [pane.dataset.chat, pane]));
const tabs = [...document.querySelectorAll(".tab")];
const notice = document.getElementById("notice");
const NEAR_BOTTOM = 120;
let language = document.documentElement.lang;
let posts = 0;

const word = (name) => dictionary[language].page[name];

function make(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

// What one does

async function post(path, body) {
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...body, id: `${performance.timeOrigin}-${posts++}` }),
    });
    if (answer.ok) return true;
    tell(answer.status === 413 ? word("too_long") : word("not_sent"));
  } catch {
    tell(word("not_sent"));
  }
  return false;
}

function tell(text) {
  notice.textContent = text;
  notice.hidden = !text;
}

async function say(chat, text) {
  const pane = panes.get(chat);
  const typing = pane.querySelector(".typing");
  typing.hidden = false;
  // Half of a surrogate pair is not text; the server would turn it away.
  const sent = await post("say", { chat, text: text.toWellFormed?.() ?? text });
  typing.hidden = true;
  if (sent) {
    tell("");
    hideHint();
  }
  return sent;
}

// A button that is busy keeps the focus, which a disabled one would lose.
async function busy(buttons, act) {
  if (buttons.some((each) => each.ariaDisabled === "true")) return;
  buttons.forEach((each) => (each.ariaDisabled = "true"));
  await act();
  buttons.forEach((each) => (each.ariaDisabled = "false"));
}

function fill(pane, text) {
  const area = pane.querySelector("textarea");
  area.value = text;
  area.focus();
  area.setSelectionRange(text.length, text.length);
  grow(area);
}

function grow(area) {
  area.style.height = "auto";
  area.style.height = `${Math.min(area.scrollHeight + 2, 152)}px`;
}

function hideHint() {
  const hint = document.querySelector(".hint");
  if (hint) hint.hidden = true;
}

// What one sees

function blockOf(block, pane, isTitle) {
  if (block.kind === "progress") {
    const bar = make("div", block.actual >= block.target ? "progress full" : "progress");
    bar.append(make("span", "label", block.label), make("span", "count", `${block.actual}/${block.target}`));
    const track = make("span", "track");
    const fillBar = make("span", "fill");
    fillBar.style.width = `${block.target ? Math.min(100, (100 * block.actual) / block.target) : 0}%`;
    track.append(fillBar);
    bar.append(track);
    return [bar];
  }
  if (block.kind === "facts") {
    return block.pairs.map(([label, value]) => {
      const line = make("p", "fact");
      line.append(make("b", "", label), make("span", "", value));
      return line;
    });
  }
  if (block.kind === "steps") return block.items.map(([mark, text]) => lineOf(mark, text, ""));
  if (block.kind === "code") {
    const example = make("div", "example");
    example.append(make("pre", "", block.text));
    const use = make("button", "use", word("use"));
    use.type = "button";
    use.addEventListener("click", () => fill(pane, block.text));
    example.append(use);
    return [example];
  }
  return [lineOf(block.mark || "", block.text, block.kind === "note" ? "note" : isTitle ? "first" : "")];
}

function lineOf(mark, text, className) {
  const line = make("p", className);
  if (mark) line.append(make("span", mark === "✓" ? "mark" : "mark open", mark));
  line.append(make("span", "", text));
  return line;
}

function keysOf(rows, chat, message) {
  const keys = make("div", "keys");
  for (const row of rows) {
    const line = make("div");
    for (const { label, token } of row) {
      const key = make("button", "key", label);
      key.type = "button";
      if (label === "⋯") key.setAttribute("aria-label", word("more"));
      key.addEventListener("click", () => busy([key], () => post("press", { chat, message, token })));
      line.append(key);
    }
    keys.append(line);
  }
  return keys;
}

function messageOf(pane, message) {
  const mine = message.author !== "bot";
  const made = make("article", mine ? "message mine" : "message");
  made.id = `${message.chat}-${message.id}`;
  made.lang = message.language;
  made.dataset.day = message.day;
  const body = make("div", "body");
  const bubble = make("div", "bubble");
  if (message.card) {
    message.card.blocks.forEach((block, place) => bubble.append(...blockOf(block, pane, place === 0 && message.card.blocks.length > 1)));
  } else {
    bubble.append(make("p", "said", message.text));
  }
  const stamp = make("span", "stamp");
  const at = make("time", "", message.time);
  at.dateTime = `${message.day}T${message.time}`;
  if (message.edits) stamp.append(`${word("edited")} `);
  stamp.append(at);
  bubble.append(stamp);
  body.append(bubble);
  if (message.card && message.card.rows.length) body.append(keysOf(message.card.rows, message.chat, message.id));
  if (!mine) {
    const avatar = make("span", "avatar bot");
    avatar.setAttribute("aria-hidden", "true");
    made.append(avatar);
  }
  made.append(body);
  return made;
}

function dayOf(day) {
  const made = make("time", "day", dayName(day));
  made.dateTime = day;
  return made;
}

const dayName = (day) =>
  new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" }).format(
    new Date(`${day}T00:00:00Z`),
  );

function put(pane, message) {
  const log = pane.querySelector(".log");
  log.querySelector(".quiet")?.remove();
  const days = log.querySelectorAll(".day");
  if (!days.length || days[days.length - 1].dateTime !== message.day) log.append(dayOf(message.day));
  log.append(messageOf(pane, message));
}

function show(message) {
  const pane = panes.get(message.chat);
  if (!pane) return;
  const log = pane.querySelector(".log");
  const near = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_BOTTOM;
  const old = document.getElementById(`${message.chat}-${message.id}`);
  if (old) {
    const made = messageOf(pane, message);
    made.classList.add("changed");
    const focused = old.contains(document.activeElement);
    old.replaceWith(made);
    if (focused) (made.querySelector(".key") || pane.querySelector("textarea")).focus();
  } else {
    put(pane, message);
    if (message.author === "bot") pane.querySelector(".typing")?.setAttribute("hidden", "");
    if (!pane.classList.contains("open")) countUnread(message.chat);
  }
  if (near || message.author !== "bot") log.scrollTop = log.scrollHeight;
}

function countUnread(chat) {
  const unread = document.querySelector(`#tab-${chat} .unread`);
  unread.textContent = Number(unread.textContent || 0) + 1;
  unread.hidden = false;
}

function snapshot(state) {
  speak(state.language);
  tick(state.clock);
  const hint = document.querySelector(".hint");
  if (hint) hint.hidden = !state.fresh;
  for (const [chat, messages] of Object.entries(state.chats)) {
    const pane = panes.get(chat);
    if (!messages.length) continue;
    const log = pane.querySelector(".log");
    log.replaceChildren();
    messages.forEach((message) => put(pane, message));
    log.scrollTop = log.scrollHeight;
  }
  tell("");
  document.body.dataset.ready = "yes";
}

function tick(clock) {
  const time = document.getElementById("time");
  const moved = time.dateTime && time.dateTime !== clock.at;
  document.getElementById("date").textContent = clock.date;
  time.textContent = clock.time;
  time.dateTime = clock.at;
  if (!moved) return;
  const holder = time.parentElement;
  holder.classList.remove("moved");
  void holder.offsetWidth;
  holder.classList.add("moved");
}

function speak(chosen) {
  language = chosen;
  document.documentElement.lang = chosen;
  document.getElementById("language").value = chosen;
  for (const each of document.querySelectorAll("[data-word]")) each.textContent = word(each.dataset.word);
  for (const each of document.querySelectorAll("[data-label]")) each.setAttribute("aria-label", word(each.dataset.label));
  for (const each of document.querySelectorAll("[data-placeholder]")) each.placeholder = word(each.dataset.placeholder);
  for (const each of document.querySelectorAll("[data-chip]")) each.textContent = dictionary[chosen].chip[each.dataset.chip];
  for (const each of document.querySelectorAll(".day")) each.textContent = dayName(each.dateTime);
  for (const each of document.querySelectorAll(".use")) each.textContent = word("use");
}

// Panes and tabs

function open(chat) {
  for (const tab of tabs) {
    const chosen = tab.dataset.chat === chat;
    tab.setAttribute("aria-selected", chosen);
    tab.tabIndex = chosen ? 0 : -1;
    panes.get(tab.dataset.chat).classList.toggle("open", chosen);
  }
  const unread = document.querySelector(`#tab-${chat} .unread`);
  unread.hidden = true;
  unread.textContent = "";
  const log = panes.get(chat).querySelector(".log");
  log.scrollTop = log.scrollHeight;
}

tabs.forEach((tab, place) => {
  tab.addEventListener("click", () => open(tab.dataset.chat));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(place + step + tabs.length) % tabs.length];
    next.focus();
    open(next.dataset.chat);
  });
});

for (const [chat, pane] of panes) {
  const form = pane.querySelector(".composer");
  if (!form) continue;
  const area = form.querySelector("textarea");
  const submit = async () => {
    const text = area.value;
    if (!text.trim()) return;
    area.value = "";
    grow(area);
    // What could not be sent stays in the composer.
    if (!(await say(chat, text)) && !area.value) fill(pane, text);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
    area.focus();
  });
  area.addEventListener("input", () => grow(area));
  area.addEventListener("keydown", (event) => {
    // Enter that confirms a word of an input method is not a "send".
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  pane.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    area.focus();
  });
  for (const chip of pane.querySelectorAll(".chip")) chip.addEventListener("click", () => say(chat, chip.textContent));
  pane.querySelector(".take")?.addEventListener("click", () => fill(pane, dictionary[language].example));
  pane.querySelector(".hint .close")?.addEventListener("click", () => {
    hideHint();
    area.focus();
  });
}

const jumps = [...document.querySelectorAll(".jump")];
for (const jump of jumps) {
  jump.addEventListener("click", () => busy(jumps, () => post("clock", { jump: jump.dataset.jump })));
}

document.getElementById("language").addEventListener("change", (event) => post("language", { language: event.target.value }));

open(tabs[0].dataset.chat);
const events = new EventSource("events");
events.addEventListener("snapshot", (event) => snapshot(JSON.parse(event.data)));
events.addEventListener("message", (event) => show(JSON.parse(event.data)));
events.addEventListener("clock", (event) => tick(JSON.parse(event.data)));
events.addEventListener("language", (event) => speak(JSON.parse(event.data)));
events.addEventListener("error", () => tell(word("lost")));
