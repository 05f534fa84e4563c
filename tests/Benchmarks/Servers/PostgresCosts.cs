using System.Globalization;
using Npgsql;
using Postgres;

namespace Benchmarks.Servers;

/// <summary>What a PostgreSQL server uses up: the processor time of its process, of those it started, and of those that have ended.</summary>
internal sealed class PostgresCosts(int postmaster)
{
    private const int TicksPerSecond = 100, ParentField = 1, UserField = 11, EndedField = 15;

    public static PostgresCosts Of(PostgresServer server)
    {
        using var connection = new NpgsqlConnection(server.ConnectionString("postgres") + ";Pooling=false");
        connection.Open();
        using var command = new NpgsqlCommand("SELECT pg_backend_pid()", connection);
        return new((int)Stat((int)command.ExecuteScalar()!)![ParentField]);
    }

    /// <summary>Processor time so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            long ticks = 0;
            foreach (string folder in Directory.GetDirectories("/proc"))
            {
                if (!int.TryParse(Path.GetFileName(folder), out int process) || Stat(process) is not { } stat) continue;
                if (process == postmaster) ticks += stat[UserField..EndedField].Sum();
                else if (stat[ParentField] == postmaster) ticks += stat[UserField] + stat[UserField + 1];
            }
            return TimeSpan.FromSeconds((double)ticks / TicksPerSecond);
        }
    }

    // From the field after the name, which may have anything in it; the first of them is a letter.
    private static long[]? Stat(int process)
    {
        try
        {
            string text = File.ReadAllText($"/proc/{process}/stat");
            return [0, .. text[(text.LastIndexOf(')') + 2)..].Split(' ')[1..16].Select(f => long.Parse(f, CultureInfo.InvariantCulture))];
        }
        catch (IOException)
        {
            return null;
        }
    }
}
