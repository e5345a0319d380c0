// Passkeys: the browser asks for finger, face or key; the form posts its answer.
// <form><input name="credential"><button data-passkey="add|use|enter" hidden> <p data-passkey-unable hidden> <p data-passkey-failed hidden>
// Options: <script type="application/json" id="passkey-options"> from the server, or (enter) asked for at the form's address.
const isNumber = /^[\d.]+$/.test(location.hostname) || location.hostname.includes(":");
const able = Boolean(window.PublicKeyCredential) && Boolean(window.webauthnJSON) && !isNumber;

function prepared() {
  return JSON.parse(document.getElementById("passkey-options").textContent);
}

async function asked(form) {
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

function created(options, form) {
  const choice = form.elements.passwordless;
  const alone = choice ? choice.checked : true;
  const wanted = options.publicKey.authenticatorSelection;
  wanted.residentKey = alone ? "required" : "discouraged";
  wanted.requireResidentKey = alone;
  if (alone) wanted.userVerification = "required";
  return window.webauthnJSON.create(options);
}

async function credential(button) {
  const { form } = button;
  if (button.dataset.passkey === "add") return created(prepared().creation_options, form);
  const options = button.dataset.passkey === "enter" ? await asked(form) : prepared();
  return window.webauthnJSON.get(options.request_options);
}

async function press(button) {
  const failed = button.form.querySelector("[data-passkey-failed]");
  failed.hidden = true;
  try {
    button.form.elements.credential.value = JSON.stringify(await credential(button));
    button.form.submit();
  } catch {
    failed.hidden = false;
  }
}

for (const button of document.querySelectorAll("[data-passkey]")) {
  button.hidden = !able;
  const unable = button.form.querySelector("[data-passkey-unable]");
  if (unable) unable.hidden = able;
  button.addEventListener("click", (event) => {
    event.preventDefault();
    press(button);
  });
}
