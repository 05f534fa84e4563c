// A QR code in a terminal: two rows of modules in each line, by half blocks.

/** The picture; undefined where qrcode-generator is not installed, or the terminal is none. */
export async function draw(text, isTerminal = process.stderr.isTTY || process.env.TUNNEL_CLI_QR === 'always') {
  if (!isTerminal) return undefined;
  let make;
  try {
    ({ default: make } = await import('qrcode-generator'));
  } catch {
    return undefined;
  }
  const code = make(0, 'L');
  code.addData(text);
  code.make();
  const quiet = 2, size = code.getModuleCount();
  const isDark = (row, column) => row >= 0 && row < size && column >= 0 && column < size && code.isDark(row, column);
  const lines = [];
  for (let row = -quiet; row < size + quiet; row += 2) {
    let line = '';
    // Light modules are drawn: most terminals are dark.
    for (let column = -quiet; column < size + quiet; column++)
      line += isDark(row, column) ? (isDark(row + 1, column) ? ' ' : '▄') : isDark(row + 1, column) ? '▀' : '█';
    lines.push(line);
  }
  return lines.join('\n');
}
