package io.semper.evm.precompile;

import io.semper.core.fork.Fork;

/// Prices of the BLS12-381 contracts (EIP-2537). Their work is done by
/// [io.semper.core.crypto.Bls12381].
final class BlsPrices {
  private static final int G1_MSM_PAIR_BYTES = 160;
  private static final int G2_MSM_PAIR_BYTES = 288;
  private static final int PAIRING_PAIR_BYTES = 384;
  private static final int G1_MUL = 12_000;
  private static final int G2_MUL = 22_500;

  /// Thousandths of the price of separate multiplications that a sum of 1, 2, ... 128 of them costs
  /// each; the last one holds for longer sums.
  private static final short[] G1_DISCOUNT = {
    1000, 949, 848, 797, 764, 750, 738, 728, 719, 712, 705, 698, 692, 687, 682, 677,
    673, 669, 665, 661, 658, 654, 651, 648, 645, 642, 640, 637, 635, 632, 630, 627,
    625, 623, 621, 619, 617, 615, 613, 611, 609, 608, 606, 604, 603, 601, 599, 598,
    596, 595, 593, 592, 591, 589, 588, 586, 585, 584, 582, 581, 580, 579, 577, 576,
    575, 574, 573, 572, 570, 569, 568, 567, 566, 565, 564, 563, 562, 561, 560, 559,
    558, 557, 556, 555, 554, 553, 552, 551, 550, 549, 548, 547, 547, 546, 545, 544,
    543, 542, 541, 540, 540, 539, 538, 537, 536, 536, 535, 534, 533, 532, 532, 531,
    530, 529, 528, 528, 527, 526, 525, 525, 524, 523, 522, 522, 521, 520, 520, 519
  };

  private static final short[] G2_DISCOUNT = {
    1000, 1000, 923, 884, 855, 832, 812, 796, 782, 770, 759, 749, 740, 732, 724, 717,
    711, 704, 699, 693, 688, 683, 679, 674, 670, 666, 663, 659, 655, 652, 649, 646,
    643, 640, 637, 634, 632, 629, 627, 624, 622, 620, 618, 615, 613, 611, 609, 607,
    606, 604, 602, 600, 598, 597, 595, 593, 592, 590, 589, 587, 586, 584, 583, 582,
    580, 579, 578, 576, 575, 574, 573, 571, 570, 569, 568, 567, 566, 565, 563, 562,
    561, 560, 559, 558, 557, 556, 555, 554, 553, 552, 552, 551, 550, 549, 548, 547,
    546, 545, 545, 544, 543, 542, 541, 541, 540, 539, 538, 537, 537, 536, 535, 535,
    534, 533, 532, 532, 531, 530, 530, 529, 528, 528, 527, 526, 526, 525, 524, 524
  };

  private BlsPrices() {}

  static long g1Add(byte[] input, Fork fork) {
    return 375;
  }

  static long g1Msm(byte[] input, Fork fork) {
    return msm(input.length / G1_MSM_PAIR_BYTES, G1_MUL, G1_DISCOUNT);
  }

  static long g2Add(byte[] input, Fork fork) {
    return 600;
  }

  static long g2Msm(byte[] input, Fork fork) {
    return msm(input.length / G2_MSM_PAIR_BYTES, G2_MUL, G2_DISCOUNT);
  }

  static long pairing(byte[] input, Fork fork) {
    return 37_700 + 32_600L * (input.length / PAIRING_PAIR_BYTES);
  }

  static long mapFpToG1(byte[] input, Fork fork) {
    return 5_500;
  }

  static long mapFp2ToG2(byte[] input, Fork fork) {
    return 23_800;
  }

  private static long msm(int pairs, long single, short[] discount) {
    return pairs == 0 ? 0 : pairs * single * discount[Math.min(pairs, discount.length) - 1] / 1000;
  }
}
