// node batch.js < JSON list of files' texts: a line for each, "theorem <network hash> <claim hash> <sentences>", or the
// kind of the rejection.
"use strict";
const Checker = require("../../relumax/pages/checker.js"), Sentence = require("../../relumax/pages/sentence.js");
for (const text of JSON.parse(require("fs").readFileSync(0, "utf8"))) {
  try {
    const { networkSha256, claimSha256, claim } = Checker.check(text);
    console.log("theorem", networkSha256, claimSha256, `[${Sentence.of(claim).map((one) => JSON.stringify(one.text)).join(", ")}]`);
  } catch (problem) {
    console.log(problem.kind || `crash ${problem.stack}`.replace(/\n/g, " "));
  }
}
