/* crc32c.c - the Castagnoli checksum, four bits at a time: small, and fast enough for records. */
#include "rl/training/crc32c.h"

/* Two table look-ups a byte, the lower half first. */
uint32_t sg_crc32c_more(uint32_t sum, const void *data, size_t size)
{
    /* The remainders of the sixteen half bytes by the reversed polynomial 0x82f63b78. */
    static const uint32_t REMAINDER[16] = {
        0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
        0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
        0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
    };
    const unsigned char *byte = data;
    uint32_t crc = ~sum;

    for (size_t i = 0; i < size; i++) {
        crc ^= byte[i];
        crc = crc >> 4 ^ REMAINDER[crc & 15];
        crc = crc >> 4 ^ REMAINDER[crc & 15];
    }
    return ~crc;
}

uint32_t sg_crc32c(const void *data, size_t size) { return sg_crc32c_more(0, data, size); }

/* The rotation and the constant are TensorFlow's. */
uint32_t sg_crc32c_masked(const void *data, size_t size)
{
    uint32_t crc = sg_crc32c(data, size);
    return (crc >> 15 | crc << 17) + 0xa282ead8u;
}
