"use strict";
// The playground's page: shows what the server pushes, sends what is typed and pressed. Text is only ever set as text.

const dictionary = JSON.parse(document.getElementById("dictionary").textContent);
const panes = new Map([...document.querySelectorAll(".pane")].map((pane) => [pane.dataset.chat, pane]));
const tabs = [...document.querySelectorAll(".tab")];
const notice = document.getElementById("notice");
const narrow = matchMedia("(max-width: 820px)");
const NEAR_BOTTOM = 120;
const GROUPED_MINUTES = 10;
const TYPING_AFTER = 200;
// Where each log was left when it last showed its end.
const ends = new WeakMap();
let language = document.documentElement.lang;
let today = "";
let menus = {};
let posts = 0;

const word = (name) => dictionary[language].page[name];
const command = (name) => dictionary[language].commands[name];
const guideWord = (name) => dictionary[language].guide[name];

function make(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function icon(name) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  made.setAttribute("aria-hidden", "true");
  made.append(use);
  return made;
}

// Words of the page, which follow the language switch.
function worded(tag, className, name) {
  const made = make(tag, className, word(name));
  made.dataset.word = name;
  return made;
}

// What one does

// Every request repeats the page's address, which names its stage.
async function ask(path, body) {
  try {
    return await fetch(path + location.search, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...body, id: `${performance.timeOrigin}-${posts++}` }),
    });
  } catch {
    return null;
  }
}

async function post(path, body) {
  const answer = await ask(path, body);
  if (answer?.ok) return true;
  tell(answer?.status === 413 ? word("too_long") : word("not_sent"));
  return false;
}

// The address of a file that a message shows, at this page's stage.
function fileAt(chat, message, n) {
  const asked = new URLSearchParams(location.search);
  asked.delete("theme");
  for (const [name, value] of Object.entries({ chat, message, n })) asked.set(name, value);
  return `file?${asked}`;
}

// A file as it is; of one that is too large only its size, for the bot to say what to do.
async function attach(chat, file, caption) {
  const asked = new URLSearchParams(location.search);
  const said = { chat, name: file.name, size: file.size, caption, id: `${performance.timeOrigin}-${posts++}` };
  for (const [name, value] of Object.entries(said)) asked.set(name, String(value).toWellFormed?.() ?? value);
  const most = Number(document.querySelector(".panes").dataset.fileMost);
  try {
    const answer = await fetch(`attach?${asked}`, {
      method: "POST",
      headers: { "Content-Type": "application/octet-stream" },
      body: file.size > most ? "" : file,
    });
    tell(answer.ok ? "" : word("not_sent"));
    return answer.ok;
  } catch {
    tell(word("not_sent"));
    return false;
  }
}

function tell(text) {
  notice.textContent = text;
  notice.hidden = !text;
}

async function say(chat, text) {
  const typing = panes.get(chat).querySelector(".typing");
  // Most answers are there before anybody could see dots.
  const dots = setTimeout(() => (typing.hidden = false), TYPING_AFTER);
  // Half of a surrogate pair is not text; the server would turn it away.
  const sent = await post("say", { chat, text: text.toWellFormed?.() ?? text });
  clearTimeout(dots);
  typing.hidden = true;
  if (sent) tell("");
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
  const area = pane.querySelector("textarea[id^=write]");
  area.value = text;
  area.focus();
  area.setSelectionRange(text.length, text.length);
  area.dispatchEvent(new Event("input"));
}

function grow(area) {
  area.style.height = "auto";
  area.style.height = `${Math.min(area.scrollHeight + 2, 152)}px`;
}

// What one sees

function blockOf(block, pane, isTitle) {
  if (block.kind === "progress") {
    const bar = make("div", block.actual >= block.target ? "progress full" : "progress");
    bar.append(make("span", "label", block.label), make("span", "count", `${block.actual}/${block.target}`));
    const track = make("span", "track");
    const fillBar = make("span", "fill");
    track.setAttribute("aria-hidden", "true");
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
  if (block.kind === "photo" || block.kind === "document") return [fileOf(block, block.text, block.url)];
  if (block.kind === "chart") return [chartOf(block)];
  if (block.kind === "steps") return block.items.map(([mark, text]) => lineOf(mark, text, ""));
  if (block.kind === "code") {
    const example = make("div", "example");
    example.append(make("pre", "", block.text));
    const use = worded("button", "use", "use");
    use.type = "button";
    use.addEventListener("click", () => fill(pane, block.text));
    example.append(use);
    return [example];
  }
  return [lineOf(block.mark || "", block.text, block.kind === "note" ? "note" : isTitle ? "first" : "")];
}

// A picture stands in the bubble, any other file is a link that saves it.
function fileOf({ kind, name }, alt, url) {
  const made = make(kind === "photo" ? "img" : "a", kind === "photo" ? "picture" : "file");
  if (kind === "photo") {
    made.src = url;
    made.alt = alt;
    // What cannot be shown is at least named.
    made.addEventListener("error", () => made.replaceWith(fileOf({ kind: "document", name }, alt, url)), { once: true });
  } else {
    made.href = url;
    made.download = name;
    made.textContent = name;
  }
  return made;
}

// A picture that is drawn for the page's theme, and anew when that changes.
function chartOf({ text, url }) {
  const made = make("img", "picture chart");
  made.alt = text;
  made.dataset.url = url;
  made.src = `${url}&theme=${shade()}`;
  // Only now is it known how high the message is.
  made.addEventListener("load", () => {
    const log = made.closest(".log");
    if (log && Math.abs(log.scrollTop - ends.get(log)) < 4) toEnd(log);
  });
  // The card says the same numbers; what the picture was is at least told.
  made.addEventListener("error", () => made.replaceWith(lineOf("", text, "note")), { once: true });
  return made;
}

function folded(example) {
  const made = make("details", "folded");
  made.append(worded("summary", "", "type_it"), example);
  return made;
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
  made.dataset.author = message.author;
  made.dataset.at = `${message.day}T${message.time}`;
  made.setAttribute("aria-label", `${mine ? pane.dataset.name : "Dealpace"}, ${message.time}`);
  const body = make("div", "body");
  const bubble = make("div", "bubble");
  if (message.card) {
    const { blocks, form } = message.card;
    const files = blocks.filter(({ kind }) => ["photo", "document", "chart"].includes(kind));
    files.forEach((each, n) => (each.url = fileAt(message.chat, message.id, n)));
    // A form asks by itself; beside it the example to type is a second way, folded away.
    const asked = new Set(form?.fields.flatMap(({ label, ask }) => [label, ask]));
    const said = blocks.filter((block) => !form || !(block.kind === "code" || asked.has(block.text)));
    if (form) bubble.append(make("p", "first title", form.title));
    said.forEach((block, place) => bubble.append(...blockOf(block, pane, place === 0 && said.length > 1 && !form)));
    if (form) {
      const typed = blocks.filter((block) => block.kind === "code").flatMap((block) => blockOf(block, pane));
      bubble.append(formOf(form, message), ...typed.map(folded));
    }
  } else {
    if (message.file?.there) bubble.append(fileOf(message.file, message.file.name, fileAt(message.chat, message.id, 0)));
    else if (message.file) bubble.append(make("p", "file", message.file.name));
    if (message.text || !message.file) bubble.append(make("p", "said", message.text));
  }
  bubble.append(stampOf(message, mine));
  body.append(bubble);
  if (message.card?.rows.length) body.append(keysOf(message.card.rows, message.chat, message.id));
  if (!mine) {
    const avatar = make("span", "avatar bot");
    avatar.setAttribute("aria-hidden", "true");
    bubble.append(avatar);
  }
  made.append(body);
  return made;
}

function stampOf(message, mine) {
  const stamp = make("span", "stamp");
  const at = make("time", "", message.time);
  at.dateTime = `${message.day}T${message.time}`;
  if (message.edits) stamp.append(worded("span", "", "edited"));
  stamp.append(at);
  if (mine) {
    const tick = make("span", "tick");
    tick.setAttribute("role", "img");
    stamp.append(tick);
    ticked(tick, "delivered");
  }
  return stamp;
}

// One tick: the bot has stored it. Two: the bot has answered.
function ticked(tick, state) {
  tick.dataset.state = state;
  tick.setAttribute("aria-label", word(state));
  tick.replaceChildren(icon(state === "read" ? "ticks" : "tick"));
}

// The messages of one day, under its name.
function dayOf(log, day) {
  const last = log.lastElementChild;
  if (last?.dataset.day === day) return last;
  const made = make("div", "dated");
  made.dataset.day = day;
  const name = make("time", "day", dayName(day));
  name.dateTime = day;
  made.append(name);
  log.append(made);
  return made;
}

function dayName(day) {
  const ago = Math.round((Date.parse(today) - Date.parse(day)) / 86_400_000);
  if (ago === 0) return word("today");
  if (ago === 1) return word("yesterday");
  const locale = { en: "en-GB", zh: "zh-CN", "zh-Hant": "zh-TW" }[language];
  return new Intl.DateTimeFormat(locale, { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" }).format(
    new Date(`${day}T00:00:00Z`),
  );
}

const renameDays = () => document.querySelectorAll(".day").forEach((each) => (each.textContent = dayName(each.dateTime)));

function put(pane, message) {
  const log = pane.querySelector(".log");
  log.querySelector(".quiet")?.remove();
  const day = dayOf(log, message.day);
  const before = day.lastElementChild;
  const made = messageOf(pane, message);
  const minutes = (Date.parse(made.dataset.at) - Date.parse(before.dataset.at)) / 60_000;
  if (before.dataset.author === message.author && minutes < GROUPED_MINUTES) made.classList.add("follows");
  day.append(made);
  if (message.author === "bot") log.querySelectorAll(".tick[data-state=delivered]").forEach((tick) => ticked(tick, "read"));
  return made;
}

function show(message) {
  const pane = panes.get(message.chat);
  if (!pane) return;
  const log = pane.querySelector(".log");
  const near = isAtEnd(log);
  const old = document.getElementById(`${message.chat}-${message.id}`);
  if (old) {
    replace(old, messageOf(pane, message), pane);
  } else {
    put(pane, message).classList.add("new");
    if (message.author === "bot") pane.querySelector(".typing")?.setAttribute("hidden", "");
    if (!pane.classList.contains("open")) countUnread(message.chat);
  }
  if (near || message.author !== "bot") toEnd(log);
}

function replace(old, made, pane) {
  made.classList.add("changed");
  made.classList.toggle("follows", old.classList.contains("follows"));
  const focused = old.contains(document.activeElement);
  old.replaceWith(made);
  if (focused) (made.querySelector(".form :is(input, select, textarea), .key") || pane.querySelector("textarea")).focus();
}

// The last message from its beginning: a form can be taller than the chat.
function toEnd(log) {
  const last = log.querySelector(".dated:last-child > .message:last-child");
  log.scrollTop = last ? last.offsetTop - 10 : 0;
  ends.set(log, log.scrollTop);
}

function isAtEnd(log) {
  return log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_BOTTOM || Math.abs(log.scrollTop - ends.get(log)) < 4;
}

function countUnread(chat) {
  const unread = document.querySelector(`#tab-${chat} .unread`);
  unread.textContent = Number(unread.textContent || 0) + 1;
  unread.hidden = false;
}

function snapshot(state) {
  menus = state.commands;
  speak(state.language);
  tick(state.clock);
  for (const [chat, messages] of Object.entries(state.chats)) {
    const pane = panes.get(chat);
    if (!messages.length) continue;
    const log = pane.querySelector(".log");
    // A screen reader need not read three weeks aloud.
    log.ariaBusy = "true";
    log.replaceChildren();
    messages.forEach((message) => put(pane, message));
    log.ariaBusy = "false";
    toEnd(log);
  }
  guide(state.guide);
  panes.forEach((pane) => toEnd(pane.querySelector(".log")));
  tell("");
  document.body.dataset.ready = "yes";
}

function tick(clock) {
  const time = document.getElementById("time");
  const moved = time.dateTime && time.dateTime !== clock.at;
  document.getElementById("date").textContent = clock.date;
  time.textContent = clock.time;
  time.dateTime = clock.at;
  today = clock.at.slice(0, 10);
  renameDays();
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
  for (const each of document.querySelectorAll("[data-title]")) each.title = word(each.dataset.title);
  for (const each of document.querySelectorAll("[data-placeholder]")) each.placeholder = word(each.dataset.placeholder);
  for (const each of document.querySelectorAll("[data-chip]")) each.textContent = dictionary[chosen].chip[each.dataset.chip];
  for (const each of document.querySelectorAll("[data-guide]")) each.textContent = guideWord(each.dataset.guide);
  for (const each of document.querySelectorAll("[data-guide-label]")) each.setAttribute("aria-label", guideWord(each.dataset.guideLabel));
  for (const each of document.querySelectorAll(".tick")) each.setAttribute("aria-label", word(each.dataset.state));
  for (const each of document.querySelectorAll(".guide")) point(each);
  themed(theme);
  renameDays();
}

// A form in a bubble: what is missing of a command, filled in at once instead of question by question

function formOf(form, message) {
  const made = make("form", "form");
  made.noValidate = true;
  made.setAttribute("aria-label", form.title);
  for (const field of form.fields) made.append(fieldOf(field, `${message.chat}-${message.id}-${field.name}`));
  const wrong = make("p", "error");
  wrong.setAttribute("role", "alert");
  wrong.hidden = true;
  const save = worded("button", "save", "save");
  made.append(wrong, save);
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    busy([save], () => submit(made, message, wrong));
  });
  return made;
}

function fieldOf(field, id) {
  const holder = make("div", "field");
  const label = make("label", "", field.label);
  label.htmlFor = id;
  if (field.required) label.append(" ", worded("span", "must", "required"));
  const input = make(field.options.length ? "select" : field.lines ? "textarea" : "input");
  input.id = id;
  input.name = field.name;
  input.autocomplete = "off";
  if (field.required) input.setAttribute("aria-required", "true");
  if (field.options.length) {
    const chosen = field.options.some(([, value]) => value === field.value);
    if (!chosen) input.append(new Option(word("choose"), ""));
    for (const [text, value] of field.options) input.append(new Option(text, value));
  }
  input.value = field.value;
  const wrong = make("p", "error");
  wrong.id = `${id}-wrong`;
  wrong.hidden = true;
  holder.append(label, input);
  if (field.ask) {
    const hint = make("p", "ask", field.ask);
    hint.id = `${id}-ask`;
    holder.append(hint);
  }
  input.setAttribute("aria-describedby", field.ask ? `${id}-ask ${wrong.id}` : wrong.id);
  holder.append(wrong);
  return holder;
}

async function submit(form, message, general) {
  const inputs = [...form.querySelectorAll("[name]")];
  const values = Object.fromEntries(inputs.map(({ name, value }) => [name, value.toWellFormed?.() ?? value]));
  const answer = await ask("submit", { chat: message.chat, message: message.id, token: message.card.form.token, values });
  const { ok, errors = {} } = answer?.ok ? await answer.json() : { errors: { "": word("not_sent") } };
  if (ok) return;
  const own = new Set(inputs.map(({ name }) => name));
  for (const input of inputs) {
    mark(document.getElementById(`${input.id}-wrong`), errors[input.name]);
    input.setAttribute("aria-invalid", String(input.name in errors));
  }
  // What is about no field of this form stands at its end.
  mark(general, Object.entries(errors).find(([name]) => !own.has(name))?.[1]);
  inputs.find(({ name }) => name in errors)?.focus();
}

function mark(place, text) {
  place.textContent = text || "";
  place.hidden = !text;
}

// The first minute

const hiddenGuides = new Set(JSON.parse(sessionStorage.getItem("guides") || "[]"));

function guide(done) {
  for (const [chat, pane] of panes) {
    const made = pane.querySelector(".guide");
    if (!made) continue;
    made.hidden = !done || hiddenGuides.has(chat);
    let current = null;
    for (const task of made.querySelectorAll("li")) {
      const isDone = done?.[chat].includes(task.dataset.task);
      task.dataset.state = isDone ? "done" : current ? "later" : "now";
      task.querySelector("svg")?.remove();
      if (isDone) task.append(icon("tick"));
      else current ||= task;
    }
    point(made);
  }
}

// The words of the task that is next.
function point(made) {
  const role = made.closest(".pane").classList.contains("manager") ? "manager" : "rep";
  const now = made.querySelector("[data-state=now]");
  for (const task of made.querySelectorAll("li[data-state]")) {
    task.querySelector(".state").textContent = guideWord(task.dataset.state);
    if (task === now) task.setAttribute("aria-current", "step");
    else task.removeAttribute("aria-current");
  }
  const text = guideWord(`${role}_${now ? now.dataset.task : "end"}`);
  const said = made.querySelector(".task");
  if (said.textContent !== text) said.textContent = text;
  const does = made.querySelector(".do");
  does.hidden = !now;
  if (now) does.textContent = guideWord(`${role}_${now.dataset.task}_do`);
}

function tryOut(pane, task) {
  const chat = pane.dataset.chat;
  const { does, of } = task.dataset;
  if (does === "fill") return fill(pane, command(of).example);
  if (does === "move") return post("clock", { jump: "next_push" });
  if (does === "say") return say(chat, command(of).word);
  if (does === "example") return say(chat, command(of).example);
  // A visit of the rep's to a customer of the manager's, whose chat then says so.
  const [, ...rest] = command(of).example.split("\n");
  const account = document.querySelector(".panes").dataset.lent;
  return say("ann", [`${command(of).word} ${account}`, ...rest].join("\n")).then(() => pointAt("boss"));
}

function pointAt(chat) {
  const pane = panes.get(chat);
  if (narrow.matches) open(chat);
  pane.classList.remove("pointed");
  void pane.offsetWidth;
  pane.classList.add("pointed");
}

for (const [chat, pane] of panes) {
  const made = pane.querySelector(".guide");
  if (!made) continue;
  const does = made.querySelector(".do");
  does.addEventListener("click", () => busy([does], async () => tryOut(pane, made.querySelector("[data-state=now]"))));
  made.querySelector(".hide").addEventListener("click", () => {
    hiddenGuides.add(chat);
    sessionStorage.setItem("guides", JSON.stringify([...hiddenGuides]));
    made.hidden = true;
    pane.querySelector("textarea").focus();
  });
}

// Light and dark

const THEMES = { auto: "theme_auto", light: "theme_light", dark: "theme_dark" };
const kept = localStorage.getItem("theme");
let theme = document.documentElement.dataset.theme || (kept in THEMES ? kept : "auto");

const dark = matchMedia("(prefers-color-scheme: dark)");

function shade() {
  return theme === "auto" ? (dark.matches ? "dark" : "light") : theme;
}

function redraw() {
  for (const each of document.querySelectorAll("img.chart")) {
    const wanted = `${each.dataset.url}&theme=${shade()}`;
    if (each.getAttribute("src") !== wanted) each.src = wanted;
  }
}

dark.addEventListener("change", redraw);

function themed(chosen) {
  theme = chosen;
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  const holder = document.getElementById("theme");
  holder.setAttribute("aria-label", word(THEMES[theme]));
  holder.title = word(THEMES[theme]);
  holder.replaceChildren(icon(theme));
  redraw();
}

document.getElementById("theme").addEventListener("click", () => {
  const names = Object.keys(THEMES);
  themed(names[(names.indexOf(theme) + 1) % names.length]);
  localStorage.setItem("theme", theme);
});

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
  toEnd(panes.get(chat).querySelector(".log"));
}

function arrange() {
  for (const pane of panes.values()) {
    if (narrow.matches) pane.setAttribute("role", "tabpanel");
    else pane.removeAttribute("role");
  }
}

narrow.addEventListener("change", arrange);
arrange();

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

for (const pane of panes.values()) {
  const log = pane.querySelector(".log");
  const down = pane.querySelector(".down");
  log.addEventListener("scroll", () => {
    down.hidden = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_BOTTOM;
    if (!down.hidden) down.style.bottom = `${pane.clientHeight - log.offsetTop - log.clientHeight + 10}px`;
  });
  down.addEventListener("click", () => {
    log.scrollTop = log.scrollHeight;
    log.focus();
  });
}

// Writing, and the commands that match what is being typed

class Composer {
  constructor(chat, pane) {
    this.chat = chat;
    this.pane = pane;
    this.form = pane.querySelector(".composer");
    this.area = this.form.querySelector("textarea");
    this.list = this.form.querySelector(".matches");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
      this.area.focus();
    });
    const files = this.form.querySelector(".files");
    this.form.querySelector(".clip").addEventListener("click", () => files.click());
    files.addEventListener("change", async () => {
      const chosen = [...files.files];
      files.value = "";
      this.close();
      // The words go with the first.
      for (const file of chosen) {
        const caption = this.area.value;
        if (!(await attach(this.chat, file, caption))) break;
        if (this.area.value === caption) this.area.value = "";
        grow(this.area);
      }
      this.area.focus();
    });
    this.area.addEventListener("input", () => {
      grow(this.area);
      this.match();
    });
    this.area.addEventListener("keydown", (event) => this.key(event));
    this.area.addEventListener("blur", () => this.close());
    // The text keeps the focus while one points at the list.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.take(event.target.closest("li")));
  }

  async send() {
    const text = this.area.value;
    if (!text.trim()) return;
    this.close();
    this.area.value = "";
    grow(this.area);
    // What could not be sent stays in the composer.
    if (!(await say(this.chat, text)) && !this.area.value) fill(this.pane, text);
  }

  // A word alone, with a slash or the beginning of a Chinese one, is a command on its way.
  match() {
    const typed = this.area.value.toLowerCase();
    const slash = typed.startsWith("/");
    const start = slash ? typed.slice(1) : typed;
    const begins = !/\s/.test(typed) && (slash || /[^\x00-\x7f]/.test(start));
    const fits = (name) => command(name).names.some((each) => each.startsWith(start));
    const found = begins ? (menus[this.chat] || []).filter(fits) : [];
    this.list.replaceChildren(...found.map((name, place) => this.option(name, place)));
    this.list.hidden = !found.length;
    this.choose(found.some((name) => command(name).names.includes(start)) ? -1 : 0);
  }

  option(name, place) {
    const made = make("li");
    made.id = `${this.list.id}-${place}`;
    made.setAttribute("role", "option");
    made.dataset.command = name;
    made.append(make("b", "", command(name).word), " ", make("span", "", command(name).summary));
    return made;
  }

  choose(place) {
    const options = [...this.list.children];
    options.forEach((each, index) => each.setAttribute("aria-selected", index === place));
    const chosen = options[place];
    if (chosen) {
      this.area.setAttribute("aria-activedescendant", chosen.id);
      chosen.scrollIntoView({ block: "nearest" });
    } else {
      this.area.removeAttribute("aria-activedescendant");
    }
  }

  take(option) {
    if (!option) return;
    const text = `${command(option.dataset.command).word} `;
    this.close();
    fill(this.pane, text);
  }

  close() {
    this.list.hidden = true;
    this.list.replaceChildren();
    this.area.removeAttribute("aria-activedescendant");
  }

  key(event) {
    // Enter that confirms a word of an input method is not a "send".
    if (event.isComposing) return;
    const options = [...this.list.children];
    const chosen = options.findIndex((each) => each.getAttribute("aria-selected") === "true");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (options.length && step) {
      event.preventDefault();
      this.choose((chosen + step + options.length + (chosen < 0 && step < 0 ? 1 : 0)) % options.length);
    } else if (options.length && event.key === "Escape") {
      event.preventDefault();
      this.close();
    } else if (chosen >= 0 && !event.shiftKey && (event.key === "Enter" || event.key === "Tab")) {
      event.preventDefault();
      this.take(options[chosen]);
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.send();
    }
  }
}

for (const [chat, pane] of panes) {
  if (!pane.querySelector(".composer")) continue;
  const composer = new Composer(chat, pane);
  pane.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    composer.area.focus();
  });
  for (const chip of pane.querySelectorAll(".chip")) chip.addEventListener("click", () => say(chat, chip.textContent));
}

const jumps = [...document.querySelectorAll(".jump")];
for (const jump of jumps) {
  jump.addEventListener("click", () => busy(jumps, () => post("clock", { jump: jump.dataset.jump })));
}

document.getElementById("language").addEventListener("change", (event) => post("language", { language: event.target.value }));
const restart = document.getElementById("restart");
restart.addEventListener("click", () => busy([restart], () => post("restart", {})));
document.querySelector("#scenes button")?.addEventListener("click", () => document.getElementById("scenes").remove());

themed(theme);
open(tabs[0].dataset.chat);
const events = new EventSource("events" + location.search);
events.addEventListener("snapshot", (event) => snapshot(JSON.parse(event.data)));
events.addEventListener("message", (event) => show(JSON.parse(event.data)));
events.addEventListener("clock", (event) => tick(JSON.parse(event.data)));
events.addEventListener("language", (event) => speak(JSON.parse(event.data)));
events.addEventListener("guide", (event) => guide(JSON.parse(event.data)));
events.addEventListener("restart", () => {
  sessionStorage.removeItem("guides");
  events.close();
  location.reload();
});
events.addEventListener("error", () => tell(word("lost")));
