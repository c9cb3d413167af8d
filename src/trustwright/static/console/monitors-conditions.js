// Conditions as forms: groups in groups, and in them comparisons.
import { button, el, isObject, labelled, select } from "./monitors-dom.js";
import { fieldOf, fieldSelect, firstValue, setTerm, valueEditor } from "./monitors-values.js";

const GROUPS = [
  ["all", "All of these are so"],
  ["any", "At least one of these is so"],
  ["not", "This is not so"],
];

export function firstLeaf(scope) {
  const field = scope.fields.find((each) => each.fact !== "id") ?? scope.fields[0] ?? { fact: "", types: ["string"] };
  const leaf = {};
  setTerm(leaf, field);
  const isList = !field.types.some((type) => ["string", "number", "boolean"].includes(type));
  leaf.operator = isList && field.types.includes("array") ? "contains" : "equal";
  leaf.value = firstValue("value", isList ? { types: ["string"] } : field);
  return leaf;
}

export function firstCondition(scope) {
  return { all: [firstLeaf(scope)] };
}

// A condition at a place of the JSON. `replace` puts another one there, `remove` takes it away, where that can be.
export function condition(ctx, value, place, scope, { replace, remove }) {
  const kind = isObject(value) ? GROUPS.map(([name]) => name).find((name) => name in value) : undefined;
  if (kind && (kind === "not" ? isObject(value.not) : Array.isArray(value[kind]))) {
    return group(ctx, value, kind, place, scope, { replace, remove });
  }
  if (isObject(value) && typeof value.fact === "string") return leaf(ctx, value, place, scope, remove);
  return el("div", { class: "builder-leaf" }, el("code", {}, JSON.stringify(value) ?? ""), " can be changed in the JSON only");
}

function group(ctx, value, kind, place, scope, { replace, remove }) {
  const members = kind === "not" ? [value.not] : value[kind];
  const joined = select(GROUPS, kind, `${place}.join`, (wanted) => {
    replace(changed(value, kind, wanted));
    ctx.rebuild(`${place}.join`);
  });
  const box = el("fieldset", { class: "builder-group" }, el("legend", { class: "visually-hidden" }, "Group of conditions"));
  box.append(labelled("How these belong together", joined, true));
  members.forEach((member, number) => {
    const inner = kind === "not" ? `${place}.not` : `${place}.${kind}[${number}]`;
    box.append(condition(ctx, member, inner, scope, handlers(ctx, value, kind, number, place, { replace, remove })));
  });
  box.append(el("div", { class: "btn-list" }, ...buttons(ctx, members, kind, place, scope, remove)));
  return box;
}

function handlers(ctx, value, kind, number, place, { remove }) {
  if (kind === "not") return { replace: (other) => (value.not = other), remove };
  const isLast = value[kind].length === 1;
  const takeOut = () => {
    value[kind].splice(number, 1);
    ctx.rebuild(`${place}.add`);
  };
  return { replace: (other) => (value[kind][number] = other), remove: isLast ? remove : takeOut };
}

function buttons(ctx, members, kind, place, scope, remove) {
  const add = (made, key) => () => {
    members.push(made());
    ctx.rebuild(`${place}.${kind}[${members.length - 1}].${key}`);
  };
  const adding = kind === "not" ? [] : [
    button("Add comparison", `${place}.add`, add(() => firstLeaf(scope), "field")),
    button("Add group", `${place}.addGroup`, add(() => ({ any: [firstLeaf(scope)] }), "join")),
  ];
  return remove ? [...adding, button("Remove group", `${place}.remove`, remove)] : adding;
}

function changed(value, kind, wanted) {
  if (wanted === "not") return { not: value[kind].length === 1 ? value[kind][0] : { [kind]: value[kind] } };
  if (kind !== "not") return { [wanted]: value[kind] };
  return wanted in value.not ? value.not : { [wanted]: [value.not] };
}

function leaf(ctx, value, place, scope, remove) {
  const field = fieldOf(value, scope);
  const fields = fieldSelect(ctx, value, scope, `${place}.field`, () => {
    fit(ctx, value, scope);
    ctx.rebuild(`${place}.field`);
  });
  const operator = ctx.options.operators.find((each) => each.name === value.operator);
  const offered = offeredFor(ctx, field);
  if (!offered.includes(operator)) offered.unshift(operator ?? { name: value.operator ?? "", words: value.operator || "Choose" });
  const operators = select(offered.map((each) => [each.name, each.words]), value.operator, `${place}.operator`, (name) => {
    value.operator = name;
    fitValue(ctx, value, scope, operator);
    ctx.rebuild(`${place}.operator`);
  });
  const row = el("div", { class: "builder-leaf", role: "group", "aria-label": "Comparison" }, ...fields);
  row.append(labelled("Operator", operators, true));
  if (operator?.takes === "condition") row.append(ofItems(ctx, value, place, field));
  else if (operator) row.append(...valueEditor(ctx, value, operator, field, scope, `${place}.value`));
  if (remove) row.append(button("Remove", `${place}.remove`, remove));
  return row;
}

function ofItems(ctx, value, place, field) {
  const scope = itemsOf(field);
  const replace = (other) => (value.value = other);
  if (isObject(value.value)) return condition(ctx, value.value, `${place}.value`, scope, { replace, remove: null });
  return el("code", {}, JSON.stringify(value.value) ?? "");
}

function itemsOf(field) {
  return { fields: field?.items ?? [] };
}

function offeredFor(ctx, field) {
  if (!field) return [...ctx.options.operators];
  return ctx.options.operators.filter((operator) => operator.types.some((type) => field.types.includes(type)));
}

// After another field was chosen: an operator that goes with it, and a value that goes with both.
function fit(ctx, value, scope) {
  const field = fieldOf(value, scope);
  const before = ctx.options.operators.find((each) => each.name === value.operator);
  const offered = offeredFor(ctx, field);
  if (field && !offered.includes(before)) value.operator = offered[0].name;
  fitValue(ctx, value, scope, before, true);
}

function fitValue(ctx, value, scope, before, isOtherField = false) {
  const field = fieldOf(value, scope);
  const operator = ctx.options.operators.find((each) => each.name === value.operator);
  if (!operator) return;
  if (operator.takes === "condition") {
    if (isOtherField || before?.takes !== "condition") value.value = firstCondition(itemsOf(field));
    return;
  }
  const isReference = isObject(value.value) && "fact" in value.value && before?.takes !== "condition";
  if (isReference || (before?.takes === operator.takes && !isOtherField)) return;
  const isContaining = operator.name.toLowerCase().includes("contain");
  const kept = { number: typeof value.value === "number", list: Array.isArray(value.value) }[operator.takes];
  const items = isContaining ? (field?.items ?? []).flatMap((item) => (item.fact === "@" ? item.types : [])) : null;
  if (!kept) value.value = firstValue(operator.takes, field, items?.length ? items : null);
}
