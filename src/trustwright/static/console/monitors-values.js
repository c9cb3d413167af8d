// What a field is compared with: texts, numbers, lists, or another field of the same record.
import { el, input, isObject, labelled, select } from "./monitors-dom.js";

const KINDS = {
  text: "the text",
  number: "the number",
  yesno: "true or false",
  nothing: "nothing (null)",
  list: "the list",
  field: "another field",
  json: "the JSON",
};
const OF_TYPE = { string: "text", number: "number", boolean: "yesno", null: "nothing" };

export function keyOf(term) {
  return JSON.stringify([term.fact, term.path ?? null]);
}

export function nameOf(term) {
  if (term.fact === "@") return "the item itself";
  return term.path ? `${term.fact}.${term.path}` : String(term.fact ?? "");
}

export function fieldOf(term, scope) {
  return scope.fields.find((field) => keyOf(field) === keyOf(term));
}

// What a term is, so that no path is left over from the field before.
export function setTerm(term, field) {
  term.fact = field.fact;
  if (field.path) term.path = field.path;
  else delete term.path;
}

// A choice of a field of the record, or of what a schema does not list.
export function fieldSelect(ctx, term, scope, key, changed) {
  const options = scope.fields.map((field) => [keyOf(field), nameOf(field)]);
  const isKnown = fieldOf(term, scope) !== undefined;
  if (!isKnown) {
    const said = term.fact ? `${nameOf(term)} (not in the schema)` : "Choose a field";
    options.unshift([keyOf(term), said]);
  }
  const control = select(options, keyOf(term), key, (value) => {
    const [fact, path] = JSON.parse(value);
    setTerm(term, { fact, path });
    changed();
  });
  const parts = [labelled("Field", control, true)];
  if (!isKnown && (ctx.model.allowUnknownFields === true || scope.fields.length === 0)) {
    const typed = input("text", term.fact ?? "", `${key}.typed`, (value) => {
      term.fact = value;
      ctx.write();
    });
    const path = input("text", term.path ?? "", `${key}.path`, (value) => {
      setTerm(term, { fact: term.fact, path: value });
      ctx.write();
    });
    parts.push(labelled("Name of the field", typed), labelled("Path below it, if any", path));
  }
  return parts;
}

export function firstValue(takes, field, items) {
  if (takes === "list") return [];
  if (takes === "number") return 0;
  const types = items ?? field?.types ?? ["string"];
  if (field?.choices?.length && !items) return field.choices[0];
  if (types.includes("boolean")) return true;
  if (types.includes("number") && !types.includes("string")) return 0;
  return "";
}

// The types of the values that fit: for `contains` those of the items of a list, or of the text itself.
function typesFor(operator, field) {
  if (!operator.name.toLowerCase().includes("contain") || !field) return field?.types ?? Object.keys(OF_TYPE);
  const inside = (field.items ?? []).flatMap((item) => (item.fact === "@" ? item.types : []));
  const own = field.types.includes("string") ? ["string"] : [];
  return inside.length + own.length ? [...inside, ...own] : Object.keys(OF_TYPE);
}

function kindOf(value) {
  if (Array.isArray(value)) return "list";
  if (isObject(value)) return typeof value.fact === "string" && !("operator" in value) ? "field" : "json";
  return { string: "text", number: "number", boolean: "yesno" }[typeof value] ?? "nothing";
}

function kindsFor(operator, field, current) {
  const kinds = { number: ["number"], list: ["list"] }[operator.takes] ??
    typesFor(operator, field).filter((type) => OF_TYPE[type]).map((type) => OF_TYPE[type]);
  const found = new Set([...kinds, "field", current]);
  return Object.keys(KINDS).filter((kind) => found.has(kind));
}

// The control of `leaf.value`, which it keeps up to date.
export function valueEditor(ctx, leaf, operator, field, scope, key) {
  const current = kindOf(leaf.value);
  const set = (value) => {
    leaf.value = value;
    ctx.write();
  };
  const kinds = kindsFor(operator, field, current).map((kind) => [kind, KINDS[kind]]);
  const choice = select(kinds, current, `${key}.kind`, (kind) => {
    leaf.value = beginning(kind, field, scope);
    ctx.rebuild(`${key}.kind`);
  });
  return [labelled("Kind of value", choice, true), ...control(ctx, current, leaf, operator, field, scope, key, set)];
}

function beginning(kind, field, scope) {
  const other = scope.fields.find((each) => each !== field) ?? { fact: "" };
  const fact = other.path ? { fact: other.fact, path: other.path } : { fact: other.fact };
  const text = field?.choices?.[0] ?? "";
  return { text, number: 0, yesno: true, nothing: null, list: [], field: fact, json: {} }[kind];
}

function control(ctx, kind, leaf, operator, field, scope, key, set) {
  const { value } = leaf;
  if (kind === "nothing") return [];
  if (kind === "field") return fieldSelect(ctx, value, scope, `${key}.other`, () => ctx.write());
  if (kind === "list") return [labelled("Values, one a line", lines(value, field, key, set), true)];
  if (kind === "json") return [labelled("Value as JSON", jsonInput(value, key, set), true)];
  if (kind === "yesno") {
    const pairs = [["true", "true"], ["false", "false"]];
    return [labelled("Value", select(pairs, String(value), key, (text) => set(text === "true")), true)];
  }
  if (kind === "number") {
    const number = input("number", String(value), key, (text) => text !== "" && set(Number(text)));
    return [labelled("Value", number, true)];
  }
  if (field?.choices?.includes(value) && operator.takes === "value") {
    const pairs = field.choices.map((each) => [each, each]);
    return [labelled("Value", select(pairs, value, key, set), true)];
  }
  return [labelled("Value", input("text", value, key, set), true)];
}

function jsonInput(value, key, set) {
  const typed = input("text", JSON.stringify(value), key, (text) => {
    const found = parsed(text);
    typed.setCustomValidity(found === undefined ? "This is no JSON" : "");
    if (found !== undefined) set(found);
  });
  return typed;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// A text that could be taken for a number, or for true, stands in quotes.
function lines(value, field, key, set) {
  const isText = field !== undefined && field.types.every((type) => type === "string" || type === "null");
  const shown = (each) => (typeof each === "string" && (isText || parsed(each) === undefined) ? each : JSON.stringify(each));
  const read = (line) => (isText ? line : (parsed(line) ?? (line === "null" ? null : line)));
  const area = el("textarea", {
    class: "form-control",
    rows: Math.min(Math.max(value.length, 2), 8),
    dir: "auto",
    placeholder: "One value a line",
    "data-key": key,
    oninput: () => set(area.value.split("\n").map((line) => line.trim()).filter(Boolean).map(read)),
  });
  area.value = value.map(shown).join("\n");
  return area;
}
