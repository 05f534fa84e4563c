namespace TokenServer.Tests.Feed;

/// <summary>A gateway's way to the server, on which nothing of the feed comes through while it is cut, streams that are open included.</summary>
internal sealed class FeedWayHandler(HttpMessageHandler? inner = null) : DelegatingHandler(inner ?? new SocketsHttpHandler { UseCookies = false })
{
    private volatile bool isCut;

    public bool IsCut
    {
        get => isCut;
        set => isCut = value;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!request.RequestUri!.AbsolutePath.StartsWith("/connect/events", StringComparison.Ordinal)) return await base.SendAsync(request, cancellationToken);
        if (isCut) throw new HttpRequestException("cut off");
        var response = await base.SendAsync(request, cancellationToken);
        var type = response.Content.Headers.ContentType;
        response.Content = new StreamContent(new CutStream(await response.Content.ReadAsStreamAsync(cancellationToken), () => isCut)) { Headers = { ContentType = type } };
        return response;
    }

    private sealed class CutStream(Stream inner, Func<bool> isCut) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = await inner.ReadAsync(buffer, cancellationToken);
            return isCut() ? throw new IOException("cut off") : read;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
