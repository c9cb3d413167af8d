// What json-rules-engine makes of records that lie parsed in memory: node evaluate.mjs RECORDS CONDITION ROUNDS
//
// RECORDS holds a JSON object a line, CONDITION the condition. Prints {"seconds", "failed"}: of the fastest round, after
// one that warms up, and how many records did not meet the condition.

import { readFileSync } from "node:fs";
import { Engine } from "json-rules-engine";

const [records, condition, rounds] = process.argv.slice(2);
const facts = readFileSync(records, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
const engine = new Engine([{ conditions: JSON.parse(readFileSync(condition, "utf8")), event: { type: "met" } }]);

async function failures() {
  let failed = 0;
  for (const record of facts) {
    const { events } = await engine.run(record);
    if (events.length === 0) {
      failed += 1;
    }
  }
  return failed;
}

let seconds = Infinity;
const failed = await failures();
for (let round = 0; round < Number(rounds); round += 1) {
  const started = performance.now();
  if ((await failures()) !== failed) {
    throw new Error("Two rounds over the same records differ");
  }
  seconds = Math.min(seconds, (performance.now() - started) / 1000);
}
process.stdout.write(JSON.stringify({ seconds, failed }));
