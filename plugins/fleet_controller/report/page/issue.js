// A cell as Markdown, to be pasted into an issue. Texts of a host stay texts: they go into fences that they cannot close.

function fenced(text, language) {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((one) => one[0].length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

function issueOf(host, detail, about) {
  const facts = new Map(run.facts);
  const { name, platform, python } = run.hosts[host];
  const checks = (detail.checks || []).filter((one) => one.state !== "left_out");
  const proofs = detail.proofs ? detail.proofs.shown.map((one) => `${one.what} at ${rounded(one.when)} s${one.bit ? "" : ", no proof"}: ${one.why}`) : [];
  const output = (detail.output || [])[0];
  const fixes = toFix(detail).map((one) => `- \`${one}\`: ${run.remedies[one].fix} (${run.remedies[one].link})`);
  return [
    `## ${about.row} ${about.scenario}: ${run.names[detail.verdict]}`,
    about.title,
    about.about,
    fenced((detail.reasons.length ? detail.reasons : ["everything expected held"]).join("\n"), "text"),
    checks.length && `**Expected**\n\n${fenced(checks.map((one) => `${SAID[one.state]}: ${one.title} (${one.check})${one.why ? `: ${one.why}` : ""}`).join("\n"), "text")}`,
    proofs.length && `**Proof that the fault took effect**\n\n${fenced(proofs.join("\n"), "text")}`,
    fixes.length && `**What to fix**\n\n${fixes.join("\n")}`,
    output && `**Output, ${output.file.replaceAll("`", "'")}**\n\n${fenced(output.text, "text")}`,
    `**Reproduce**\n\n${fenced(detail.repeat, "sh")}`,
    `**Where**\n\n${fenced([`run ${run.run}`, `bot ${run.bot}`, `from ${facts.get("From") || "?"}`, `profile ${facts.get("Profile")}`, `host ${name}, ${platform}, Python ${python || "?"}`].join("\n"), "text")}`,
  ].filter(Boolean).join("\n\n");
}
