using System.Globalization;
using System.Text;

namespace Browser.Tests.Support;

/// <summary>Reads a QR code off a page (ISO/IEC 18004): one of version 7 to 9 with error correction M, as enrolment makes them. A picture on a screen has no errors to correct.</summary>
internal static class QrCode
{
    private const string Capitals = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

    // The modules, true where dark, without the quiet zone of four around them.
    private const string Draw = """
        picture => {
          const canvas = document.createElement('canvas');
          const size = canvas.width = canvas.height = picture.naturalWidth;
          const context = canvas.getContext('2d', { willReadFrequently: true });
          context.drawImage(picture, 0, 0);
          const dark = (x, y) => context.getImageData(x, y, 1, 1).data[0] < 128;
          let margin = 0;
          while (!dark(margin, margin)) margin++;
          const module = margin / 4, count = size / module - 8;
          return Array.from({ length: count }, (_, y) => Array.from({ length: count }, (_, x) => dark(margin + (x + .5) * module, margin + (y + .5) * module)));
        }
        """;

    /// <summary>What the picture says.</summary>
    public static async Task<string> ReadAsync(ILocator picture)
    {
        var modules = await picture.EvaluateAsync<bool[][]>(Draw);
        int version = (modules.Length - 17) / 4;
        version.Should().BeInRange(7, 9);
        return Text(Deinterleave(Codewords(modules), version));
    }

    // Segments of digits, of capitals and of bytes, until one of mode 0.
    private static string Text(byte[] data)
    {
        var text = new StringBuilder();
        int at = 0;
        for (int mode = Take(4); mode != 0; mode = Take(4))
        {
            int left = Take(mode switch { 1 => 10, 2 => 9, 4 => 8, _ => throw new InvalidDataException($"mode {mode}") });
            while (left > 0)
            {
                int count = Math.Min(left, mode switch { 1 => 3, 2 => 2, _ => 1 });
                left -= count;
                if (mode == 1) text.Append(Take(3 * count + 1).ToString(new string('0', count), CultureInfo.InvariantCulture));
                else if (mode == 4) text.Append((char)Take(8));
                else if (count == 1) text.Append(Capitals[Take(6)]);
                else
                {
                    int pair = Take(11);
                    text.Append(Capitals[pair / 45]).Append(Capitals[pair % 45]);
                }
            }
        }
        return text.ToString();

        int Take(int bits)
        {
            int value = 0;
            for (; bits > 0; bits--, at++) value = value << 1 | data[at / 8] >> (7 - at % 8) & 1;
            return value;
        }
    }

    // Two columns at a time from the right, up and down in turn; the seventh column is passed over.
    private static List<byte> Codewords(bool[][] modules)
    {
        int size = modules.Length, mask = ((Bit(modules[8][2]) << 2) | (Bit(modules[8][3]) << 1) | Bit(modules[8][4])) ^ 5;
        var bits = new List<bool>();
        for (int right = size - 1, turn = 0; right > 0; right -= 2, turn++)
        {
            if (right == 6) right--;
            for (int i = 0; i < 2 * size; i++)
            {
                int x = right - i % 2, y = turn % 2 == 0 ? size - 1 - i / 2 : i / 2;
                if (!IsPattern(x, y, size)) bits.Add(modules[y][x] ^ IsMasked(mask, x, y));
            }
        }
        return [.. bits.Chunk(8).Where(b => b.Length == 8).Select(b => (byte)b.Aggregate(0, (sum, bit) => sum << 1 | Bit(bit)))];
    }

    // Finders with their formats and separators, timing, versions, alignment.
    private static bool IsPattern(int x, int y, int size)
    {
        if ((x < 9 && (y < 9 || y >= size - 8)) || (y < 9 && x >= size - 8) || x == 6 || y == 6) return true;
        if ((x < 6 && y >= size - 11) || (y < 6 && x >= size - 11)) return true;
        // None lies over a finder.
        int middle = size / 2, last = size - 7;
        return new[] { (6, middle), (middle, 6), (middle, middle), (middle, last), (last, middle), (last, last) }.Any(centre => Math.Abs(x - centre.Item1) <= 2 && Math.Abs(y - centre.Item2) <= 2);
    }

    private static bool IsMasked(int mask, int x, int y) => mask switch
    {
        0 => (x + y) % 2,
        1 => y % 2,
        2 => x % 3,
        3 => (x + y) % 3,
        4 => (x / 3 + y / 2) % 2,
        5 => x * y % 2 + x * y % 3,
        6 => (x * y % 2 + x * y % 3) % 2,
        _ => ((x + y) % 2 + x * y % 3) % 2,
    } == 0;

    // Data comes a codeword of each block at a time; the longer blocks are last and have one more.
    private static byte[] Deinterleave(List<byte> codewords, int version)
    {
        var (shorter, length, longer) = version switch { 7 => (4, 31, 0), 8 => (2, 38, 2), _ => (3, 36, 2) };
        int blocks = shorter + longer;
        return [.. Enumerable.Range(0, blocks).SelectMany(b => Enumerable.Range(0, length).Select(i => codewords[i * blocks + b])
            .Concat(b < shorter ? [] : [codewords[length * blocks + b - shorter]]))];
    }

    private static int Bit(bool set) => set ? 1 : 0;
}
