// The parts of the pages that need a script. Everything else works without scripts.

document.documentElement.classList.add('script');

// Send the browser's time zone with the sign-in, so that the pages show all times in this zone.
for (const field of document.querySelectorAll('input[name="zone"]')) {
  field.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? 'UTC';
}

document.addEventListener('click', async (event) => {
  const button = event.target instanceof Element && event.target.closest('[data-copy]');
  if (!button) return;
  const label = button.textContent;
  if (!(await copy(button.dataset.copy))) return;
  button.textContent = button.dataset.copied;
  setTimeout(() => {
    button.textContent = label;
  }, 2000);
});

/**
 * Copies a text. Browsers offer `navigator.clipboard` only over https or on localhost. Elsewhere, an older
 * command is used.
 * @returns whether the text was copied
 */
async function copy(text) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Not allowed here: use the older command below.
    }
  }
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'unseen';
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand('copy');
  field.remove();
  return isCopied;
}

// Only one explanation of a button is open at a time, and Escape closes it, as in menus.
document.addEventListener('toggle', closeOthers, true);
function closeOthers({ target }) {
  if (!(target instanceof Element) || !target.matches('details.confirm[open]')) return;
  for (const other of document.querySelectorAll('details.confirm[open]')) {
    if (other !== target) other.open = false;
  }
}
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  const open = event.target instanceof Element && event.target.closest('details.confirm[open]');
  if (!open) return;
  open.open = false;
  open.querySelector('summary')?.focus();
});

// Show a message when an update of the page fails, and hide the message after the next successful update.
const lost = document.getElementById('lost');
if (lost) {
  document.addEventListener('htmx:error', () => {
    lost.hidden = false;
  });
  document.addEventListener('htmx:after:swap', () => {
    lost.hidden = true;
  });
}

// A reader can stop the updates (WCAG 2.2.2). Then nothing is fetched, and the page stays as it is.
let isStopped = false;
document.addEventListener('click', (event) => {
  const button = event.target instanceof Element && event.target.closest('[data-live-switch]');
  if (!button) return;
  isStopped = !isStopped;
  const label = button.textContent.trim();
  button.textContent = button.dataset.liveSwitch;
  button.dataset.liveSwitch = label;
});
document.addEventListener('htmx:before:request', (event) => {
  if (isStopped) event.preventDefault();
});
