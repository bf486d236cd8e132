# Prices come in, trades go out and are appended to a file; `repair` takes away what a kill has left of the last one.
use strict;
use warnings;
use IO::Handle;

my ($what, $path) = @ARGV;

if ($what eq 'feed') {    # a price each time; without CYCLES it has no end
    STDOUT->autoflush(1);
    for (my $n = 1;; $n++) {
        print 100 + $n % 7, "\n";
        exit 0 if $n == ($ENV{CYCLES} || 0);
        select undef, undef, undef, $ENV{EVERY} || 5;
    }
}

my $head = "seq,side,price\n";
my $text = '';
if (open my $in, '<:raw', $path) { local $/; $text = <$in> // ''; close $in }
my ($first, @rows) = split /^/, $text, -1;
my @whole = grep { /^\d+,(?:buy|sell),\d+\n\z/ } @rows;

if ($what eq 'repair') {
    my $good = join '', $head, @whole;
    exit 0 if $good eq $text;
    print STDERR "trades.csv is damaged, whole rows are kept\n" if length $text;
    open my $out, '>:raw', "$path.tmp" or die "cannot write trades.csv: $!\n";
    my $written = print({$out} $good) && $out->flush && $out->sync && close $out;
    unless ($written && rename "$path.tmp", $path) {
        my $why = $!;
        unlink "$path.tmp";
        die "cannot write trades.csv: $why\n";
    }
    exit 0;
}

$SIG{TERM} = $SIG{INT} = 'IGNORE';    # it ends with its feed
my $number = @whole ? (split /,/, $whole[-1])[0] : 0;
while (my $price = <STDIN>) {
    my $row = sprintf "%d,%s,%s", $number + 1, $price > 103 ? 'sell' : 'buy', $price;
    my ($size, $done) = (-s STDOUT, 0);
    while ($done < length $row) {
        my $more = syswrite STDOUT, $row, length($row) - $done, $done;
        last unless defined $more;
        $done += $more;
    }
    if ($done == length $row && STDOUT->sync) { $number++; next }
    my $why = $!;
    truncate STDOUT, $size;
    print STDERR "cannot write trades.csv: $why\n";
}
