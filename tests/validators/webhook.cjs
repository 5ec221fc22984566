// Verifies a signed webhook with the library that receivers use: node webhook.cjs SECRET, and on standard input a JSON object of
// `headers` and `body`. Prints the body it has verified; fails if the signature does not fit.

const { Webhook } = require("standardwebhooks");

let text = "";
process.stdin.on("data", (chunk) => (text += chunk));
process.stdin.on("end", () => {
  const { headers, body } = JSON.parse(text);
  console.log(JSON.stringify(new Webhook(process.argv[2]).verify(body, headers)));
});
