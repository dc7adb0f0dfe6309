// node batch.js < JSON list of texts: a line for each, "theorem <network hash> <claim hash>", or the kind of the rejection.
"use strict";
const Checker = require("../../relumax/pages/checker.js");
for (const text of JSON.parse(require("fs").readFileSync(0, "latin1"))) {
  try {
    const { networkSha256, claimSha256 } = Checker.check(text);
    console.log("theorem", networkSha256, claimSha256);
  } catch (problem) {
    console.log(problem.kind || `crash ${problem.stack}`.replace(/\n/g, " "));
  }
}
