// What is checked of one resource: which records, and what of them, or of all of them together.
import { button, el, input, isObject, labelled, select } from "./monitors-dom.js";
import { condition, firstCondition } from "./monitors-conditions.js";
import { fieldSelect, setTerm } from "./monitors-values.js";

const CHECKS = [
  ["evaluator", "Each record meets a condition"],
  ["percent", "A share of the records meets a condition"],
  ["count", "There are so many records"],
  ["exists", "There is a record"],
  ["unique", "No two records have the same value"],
  ["freshness", "Records keep coming"],
];
const COMPARING = ["equal", "notEqual", "greaterThan", "greaterThanOrEqual", "lessThan", "lessThanOrEqual"];
const SCOPES = [
  ["", "All records"],
  ["inclusion", "Only records that meet a condition"],
  ["exclusion", "Not the records that meet a condition"],
];

export function groupEditor(ctx, group, number) {
  const place = `groups[${number}]`;
  const sources = ctx.options.sources;
  const source = sources.find((each) => each.resourceId === group.resourceId && each.connectionId === group.connectionId);
  const scope = { fields: source?.fields ?? [] };
  const box = el("fieldset", { class: "builder-box" }, el("legend", {}, `Group ${number + 1}`));
  box.append(
    labelled("Data", sourceSelect(ctx, group, place, source)),
    labelled("Records in scope", scopeSelect(ctx, group, place, scope)),
  );
  if (isObject(group.filteringCriteria)) {
    const filter = group.filteringCriteria;
    const replace = (other) => (filter.evaluator = other);
    box.append(condition(ctx, filter.evaluator, `${place}.filteringCriteria.evaluator`, scope, { replace, remove: null }));
  }
  box.append(labelled("What is checked", checkSelect(ctx, group, place, scope)), ...check(ctx, group, place, scope));
  if (ctx.model.groups.length > 1) {
    const remove = () => {
      ctx.model.groups.splice(number, 1);
      ctx.rebuild("groups.add");
    };
    box.append(el("div", {}, button(`Remove group ${number + 1}`, `${place}.remove`, remove, "btn-outline-danger")));
  }
  return box;
}

export function firstGroup(ctx) {
  const source = ctx.options.sources[0] ?? { connectionId: 0, resourceId: 0, fields: [] };
  const { connectionId, resourceId } = source;
  return { connectionId, resourceId, evaluator: firstCondition(source) };
}

function sourceSelect(ctx, group, place, source) {
  const sources = ctx.options.sources;
  const options = sources.map((each, index) => [String(index), each.name]);
  if (!source) options.unshift(["", "Choose the data"]);
  return select(options, source ? String(sources.indexOf(source)) : "", `${place}.source`, (value) => {
    if (value === "") return;
    group.connectionId = sources[Number(value)].connectionId;
    group.resourceId = sources[Number(value)].resourceId;
    ctx.rebuild(`${place}.source`);
  });
}

function scopeSelect(ctx, group, place, scope) {
  const mode = isObject(group.filteringCriteria) ? group.filteringCriteria.mode : "";
  return select(SCOPES, mode, `${place}.scope`, (wanted) => {
    const evaluator = group.filteringCriteria?.evaluator ?? firstCondition(scope);
    if (wanted) group.filteringCriteria = { mode: wanted, evaluator };
    else delete group.filteringCriteria;
    ctx.rebuild(`${place}.scope`);
  });
}

function checkSelect(ctx, group, place, scope) {
  const kind = isObject(group.population) ? group.population.kind : "evaluator";
  return select(CHECKS, kind, `${place}.check`, (wanted) => {
    const former = group.evaluator ?? group.population?.where ?? firstCondition(scope);
    delete group.evaluator;
    delete group.population;
    if (wanted === "evaluator") group.evaluator = former;
    else group.population = beginning(wanted, former, scope);
    ctx.rebuild(`${place}.check`);
  });
}

function beginning(kind, where, scope) {
  if (kind === "unique") {
    const made = { kind };
    setTerm(made, scope.fields[0] ?? { fact: "id" });
    return made;
  }
  if (kind === "freshness") return { kind, withinHours: 24 };
  if (kind === "exists") return { kind, where };
  if (kind === "count") return { kind, operator: "greaterThanOrEqual", value: 1 };
  return { kind, where, operator: "greaterThanOrEqual", value: 95 };
}

function check(ctx, group, place, scope) {
  if (!isObject(group.population)) {
    const replace = (other) => (group.evaluator = other);
    return [condition(ctx, group.evaluator, `${place}.evaluator`, scope, { replace, remove: null })];
  }
  const population = group.population;
  const inner = `${place}.population`;
  if (population.kind === "unique") return fieldSelect(ctx, population, scope, `${inner}.field`, () => ctx.rebuild(`${inner}.field`));
  if (population.kind === "freshness") return [numberOf(ctx, population, "withinHours", "Newest record within hours", inner)];
  return [...compared(ctx, population, inner), ...asked(ctx, population, inner, scope)];
}

function compared(ctx, population, place) {
  if (population.kind === "exists") return [];
  const words = ctx.options.operators.filter((each) => COMPARING.includes(each.name)).map((each) => [each.name, each.words]);
  const operator = select(words, population.operator, `${place}.operator`, (name) => {
    population.operator = name;
    ctx.write();
  });
  const label = population.kind === "percent" ? "Percent" : "Number of records";
  return [el("div", { class: "builder-pair" }, labelled("The number", operator), numberOf(ctx, population, "value", label, place))];
}

function numberOf(ctx, population, name, label, place) {
  const control = input("number", String(population[name] ?? ""), `${place}.${name}`, (text) => {
    if (text === "") return;
    population[name] = Number(text);
    ctx.write();
  });
  return labelled(label, control);
}

function asked(ctx, population, place, scope) {
  const key = `${place}.counts`;
  const isAsked = isObject(population.where);
  const options = [["", "All records count"], ["where", "Records that meet a condition count"]];
  const parts = [];
  if (population.kind !== "percent") {
    const choice = select(options, isAsked ? "where" : "", key, (wanted) => {
      if (wanted) population.where = firstCondition(scope);
      else delete population.where;
      ctx.rebuild(key);
    });
    parts.push(labelled("Which records count", choice));
  }
  if (isAsked) {
    const replace = (other) => (population.where = other);
    parts.push(condition(ctx, population.where, `${place}.where`, scope, { replace, remove: null }));
  }
  return parts;
}
