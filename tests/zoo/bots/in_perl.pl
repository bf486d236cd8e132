#!/usr/bin/perl
# Perl, with nothing but what perl-base has.
use strict;
use warnings;
use IO::Handle;
use Time::HiRes qw(CLOCK_MONOTONIC clock_gettime sleep time);

my ($folder, $broken) = ($ENV{STATE_DIR}, $ENV{BROKEN} // '');
my ($every, $cycles) = ($ENV{EVERY} || 5, $ENV{CYCLES} || 0);
my $file = "$folder/state.json";
my $stop = 0;
$SIG{TERM} = $SIG{INT} = sub { $stop = 1 };
$SIG{PIPE} = 'IGNORE';
STDERR->autoflush(1);

sub complain { print STDERR "@_\n" }

sub read_orders {
    open my $in, '<', $file or do { complain("cannot read state.json: $!") unless $!{ENOENT}; return 0 };
    local $/;
    my $text = <$in> // '';
    return $1 if $text =~ /^\{"orders": (\d+), "here": \d+, "at": [\d.]+\}\n\z/;
    complain('state.json cannot be used, starting from zero');
    return 0;
}

sub save_orders {
    my $text = sprintf qq({"orders": %d, "here": %d, "at": %.3f}\n), @_, time;
    my $beside = $broken eq 'in_place' ? $file : "$file.tmp";
    my $saved = open(my $out, '>', $beside);
    if ($saved && $broken eq 'in_place') {
        $out->autoflush(1);
        print $out substr $text, 0, 9;
        sleep 0.005;
        print $out substr $text, 9;
    } elsif ($saved) {
        $saved = print($out $text) && $out->flush && $out->sync && close($out) && rename($beside, $file);
    }
    return if $saved;
    complain("cannot write state.json: $!");
    unlink "$file.tmp";
}

unlink "$file.tmp";
my ($orders, $here) = (read_orders(), 0);
until ($stop) {
    $here++;
    save_orders(++$orders, $here);
    last if $here == $cycles;
    my $until = clock_gettime(CLOCK_MONOTONIC) + $every;
    sleep 0.02 until $stop || clock_gettime(CLOCK_MONOTONIC) >= $until;
}
