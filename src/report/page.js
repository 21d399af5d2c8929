// What the page can do beyond showing its text: sort, filter, open the worker that a link names. It reads the rows that are
// there, moves and hides them, and never makes markup out of text.
'use strict';
{
  const rowsBox = document.getElementById('rows');
  const rows = [...rowsBox.children];
  const order = new Map(rows.map((row, index) => [row, index]));
  const find = document.getElementById('find');
  const model = document.getElementById('model');
  const combination = document.getElementById('combination');
  const shown = document.getElementById('shown');
  const empty = document.querySelector('.empty');
  const chips = [...document.querySelectorAll('.chip')];
  const texts = new Map();

  const numbers = new Map(rows.map((row) => [row, row.dataset.v.split(' ').map(Number)]));
  const name = (row) => row.querySelector('b').textContent;
  const columns = {
    state: { of: (row) => row.dataset.o },
    name: { of: name },
    start: { of: (row) => numbers.get(row)[0] },
    turns: { of: (row) => numbers.get(row)[1], first: 'down' },
    tokens: { of: (row) => numbers.get(row)[2], first: 'down' },
    cost: { of: (row) => numbers.get(row)[3], first: 'down' },
    time: { of: (row) => numbers.get(row)[4], first: 'down' },
  };

  const textOf = (row) => {
    if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase().replaceAll(/\s+/g, ' '));
    return texts.get(row);
  };

  const filter = () => {
    const wording = find.value.toLowerCase().trim().replaceAll(/\s+/g, ' ');
    const wanted = chips
      .filter((chip) => chip.getAttribute('aria-pressed') === 'true')
      .map((chip) => chip.dataset.outcome);
    let count = 0;
    for (const row of rows) {
      const fits =
        (wanted.length === 0 || wanted.includes(row.dataset.o)) &&
        (!model?.value || row.dataset.m === model.value) &&
        (!combination?.value || row.dataset.c === combination.value) &&
        (wording === '' || textOf(row).includes(wording));
      if (row.hidden === fits) row.hidden = !fits;
      if (fits) count += 1;
    }
    const all = `${rows.length.toLocaleString('en')} workers`;
    shown.textContent = count === rows.length ? all : `${count.toLocaleString('en')} of ${all}`;
    empty.hidden = count > 0;
  };

  const compare = (a, b) => (typeof a === 'string' ? a.localeCompare(b, 'en', { numeric: true }) : a - b);

  const sort = (button, key) => {
    const { of, first = 'up' } = columns[key];
    const turned = first === 'up' ? 'down' : 'up';
    const now = button.dataset.order;
    const next = now === undefined ? first : now === first ? turned : undefined;
    for (const other of document.querySelectorAll('.cols button')) delete other.dataset.order;
    if (next !== undefined) button.dataset.order = next;
    const sign = next === 'down' ? -1 : 1;
    const values = new Map(rows.map((row) => [row, of(row)]));
    const sorted = rows.toSorted(
      (a, b) => (next === undefined ? 0 : sign * compare(values.get(a), values.get(b))) || order.get(a) - order.get(b),
    );
    rowsBox.append(...sorted);
  };

  for (const cell of document.querySelectorAll('[data-sort]')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = cell.textContent;
    button.addEventListener('click', () => sort(button, cell.dataset.sort));
    cell.replaceChildren(button);
  }
  document.querySelector('.cols').removeAttribute('aria-hidden');

  let later = 0;
  find.addEventListener('input', () => {
    clearTimeout(later);
    later = setTimeout(filter, 120);
  });
  for (const select of [model, combination]) select?.addEventListener('change', filter);
  for (const chip of chips) {
    chip.addEventListener('click', () => {
      chip.setAttribute('aria-pressed', String(chip.getAttribute('aria-pressed') !== 'true'));
      filter();
    });
  }
  const form = document.querySelector('.filters');
  form.addEventListener('submit', (event) => event.preventDefault());
  document.getElementById('reset').addEventListener('click', () => {
    form.reset();
    for (const chip of chips) chip.setAttribute('aria-pressed', 'false');
    filter();
  });
  form.hidden = false;

  const openNamed = () => {
    const row = /^#w\d+$/.test(location.hash) ? document.getElementById(location.hash.slice(1)) : null;
    if (row === null) return;
    row.hidden = false;
    row.open = true;
    row.scrollIntoView();
  };
  addEventListener('hashchange', openNamed);
  openNamed();
  filter();
}
